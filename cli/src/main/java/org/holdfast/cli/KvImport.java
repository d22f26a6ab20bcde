package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.holdfast.cli.ImportRecords.Item;
import org.holdfast.cli.RedisLink.Door;
import org.jspecify.annotations.Nullable;

/// One import: the caller's thread reads the file, lanes send what was read, each over a connection of its own, many
/// records at once. A record's lane follows from its key, and a lane sends in order, so of two records of one key the
/// later one wins. What a lane cannot send it sends over another node; what may have been carried out is sent again.
///
/// Memory is bounded: a few chunks for each lane. The lock guards what the lanes have done.
final class KvImport {
    private static final int CHUNK_RECORDS = 256;
    private static final int CHUNK_BYTES = 256 << 10;
    private static final int CHUNKS_WAITING = 2;
    private static final int FAILURES_SHOWN = 20;
    private static final long AGAIN_MILLIS = 200;
    private static final long OFFER_MILLIS = 500;
    /// Begins the answer to a command that was carried out before, under the same id, with a long reply.
    private static final String DONE = "DONE ";

    /// What is to be done.
    ///
    /// @param doors tried in turn
    /// @param lanes connections at once; 1 keeps the order of all records
    /// @param terms what each connection begins with
    /// @param patienceSeconds how long nothing may be acknowledged
    record Plan(
            Path file,
            ImportPosition.Source source,
            List<Door> doors,
            RedisAccess.Terms terms,
            int lanes,
            long patienceSeconds) {}

    /// A record that was not taken.
    record Failure(long record, String reason) {}

    /// What came of it.
    ///
    /// @param resumedAt records that an earlier import had done
    /// @param failures the first of them
    /// @param problem what ended it early; null when the file was read to its end
    record Result(
            long loaded,
            long failed,
            long resumedAt,
            double seconds,
            List<Failure> failures,
            @Nullable String problem) {}

    /// Records for one lane.
    ///
    /// @param number of the first record
    /// @param items none: nothing more comes
    private record Chunk(long number, List<Item> items) {
        static final Chunk END = new Chunk(-1, List.of());

        boolean isEnd() {
            return items.isEmpty();
        }
    }

    private final Session session;
    private final Plan plan;
    private final ImportPosition begun;
    /// The last one kept. Of the caller's thread.
    private ImportPosition kept;
    private final List<ArrayBlockingQueue<Chunk>> queues = new ArrayList<>();
    private final CountDownLatch ended;
    private final long beganNanos;

    private final ReentrantLock lock = new ReentrantLock();
    /// Records and positions of chunks that are not done, by the number of their first record.
    private final TreeMap<Long, Long> open = new TreeMap<>();
    /// Failed records behind the first that is open.
    private final TreeSet<Long> failedAhead = new TreeSet<>();
    private final List<Failure> failures = new ArrayList<>();
    private long loaded;
    private long failed;
    private long progressNanos;
    private volatile @Nullable String problem;
    private volatile String lastTrouble = "";

    KvImport(Session session, Plan plan, ImportPosition begun) {
        this.session = session;
        this.plan = plan;
        this.begun = begun;
        this.kept = begun;
        this.ended = new CountDownLatch(plan.lanes());
        this.beganNanos = session.world().clock().nanos();
        this.progressNanos = beganNanos;
        for (int i = 0; i < plan.lanes(); i++) {
            queues.add(new ArrayBlockingQueue<>(CHUNKS_WAITING));
        }
    }

    Result run(ImportRecords records) throws IOException, InterruptedException {
        // Before anything is sent: what goes on here has to send under the same ids.
        begun.keep(session.world().disk(), plan.file());
        for (int i = 0; i < plan.lanes(); i++) {
            int lane = i;
            session.world().start("import-" + i, () -> lane(lane));
        }
        try {
            read(records);
        } catch (CommandFault e) {
            stop(e.text());
        } finally {
            for (ArrayBlockingQueue<Chunk> queue : queues) {
                put(queue, Chunk.END);
            }
        }
        while (!ended.await(OFFER_MILLIS, TimeUnit.MILLISECONDS)) {
            keep(records);
        }
        keep(records);
        if (problem == null) {
            session.world().disk().delete(ImportPosition.beside(plan.file()));
        }
        session.screen().endLive();
        return new Result(
                loaded, failed, begun.records(), session.secondsSince(beganNanos), List.copyOf(failures), problem);
    }

    private void read(ImportRecords records) throws IOException, InterruptedException {
        List<List<Item>> filling = new ArrayList<>();
        int[] bytes = new int[plan.lanes()];
        for (int i = 0; i < plan.lanes(); i++) {
            filling.add(new ArrayList<>());
        }
        long keptNanos = session.world().clock().nanos();
        while (problem == null) {
            long start = records.position();
            var next = records.next();
            if (next.isEmpty()) {
                break;
            }
            Item item = next.get();
            int lane = Math.floorMod(item.keyHash(), plan.lanes());
            List<Item> chunk = filling.get(lane);
            if (chunk.isEmpty()) {
                opened(item.number(), start);
            }
            chunk.add(item);
            bytes[lane] += item.command().length;
            if (chunk.size() >= CHUNK_RECORDS || bytes[lane] >= CHUNK_BYTES) {
                put(queues.get(lane), new Chunk(chunk.getFirst().number(), List.copyOf(chunk)));
                chunk.clear();
                bytes[lane] = 0;
            }
            if (session.secondsSince(keptNanos) > 1) {
                keep(records);
                keptNanos = session.world().clock().nanos();
            }
        }
        for (int lane = 0; lane < plan.lanes(); lane++) {
            List<Item> chunk = filling.get(lane);
            if (!chunk.isEmpty()) {
                put(queues.get(lane), new Chunk(chunk.getFirst().number(), List.copyOf(chunk)));
            }
        }
    }

    private void put(ArrayBlockingQueue<Chunk> queue, Chunk chunk) throws InterruptedException {
        while (problem == null || chunk.isEnd()) {
            if (queue.offer(chunk, OFFER_MILLIS, TimeUnit.MILLISECONDS)) {
                return;
            }
            if (problem != null) {
                queue.clear();
            }
        }
    }

    private void stop(String reason) {
        if (problem == null) {
            problem = reason;
        }
    }

    // ---- lanes

    private void lane(int number) {
        Connection connection = new Connection(number);
        try {
            for (Chunk chunk = queues.get(number).take();
                    !chunk.isEnd();
                    chunk = queues.get(number).take()) {
                if (problem == null) {
                    send(chunk, connection);
                }
            }
        } catch (InterruptedException e) {
            stop("it was interrupted");
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) { // boundary: without this lane the import would wait, or end as if it were whole
            stop("a lane broke: " + e);
        } finally {
            connection.drop();
            ended.countDown();
        }
    }

    private void send(Chunk chunk, Connection connection) {
        List<Item> pending = chunk.items();
        List<Failure> wrong = new ArrayList<>();
        for (Item item : pending) {
            if (item.fault() != null) {
                wrong.add(new Failure(item.number(), item.fault()));
            }
        }
        pending = pending.stream().filter(item -> item.fault() == null).toList();
        while (!pending.isEmpty() && problem == null) {
            pending = rest(pending, connection.ask(pending), wrong);
            if (!pending.isEmpty()) {
                if (impatient()) {
                    stop("nothing was acknowledged for %d s: %s".formatted(plan.patienceSeconds(), lastTrouble));
                    return;
                }
                Session.pause(AGAIN_MILLIS);
            }
        }
        if (pending.isEmpty()) {
            done(chunk, wrong);
        }
    }

    /// What is to be sent again: from the first on that was not carried out for certain, so that the order stays.
    ///
    /// @param errors one for each that was answered
    private List<Item> rest(List<Item> pending, List<@Nullable String> errors, List<Failure> wrong) {
        int settled = 0;
        for (String error : errors) {
            if (error != null && (mayWorkLater(error) || concernsAll(error))) {
                lastTrouble = error;
                if (concernsAll(error)) {
                    stop(error);
                }
                break;
            }
            if (error != null && !error.startsWith(DONE)) {
                wrong.add(new Failure(pending.get(settled).number(), error));
            }
            settled++;
        }
        if (settled > 0) {
            progressed();
        }
        return pending.subList(settled, pending.size());
    }

    /// No leader, a node that starts or stops, an outcome that nobody knows: another attempt decides. So it does where
    /// a node has not opened the keyspace yet.
    private static boolean mayWorkLater(String error) {
        return Stream.of("TRYAGAIN", "UNCERTAIN", "LOADING", "ERR no keyspace").anyMatch(error::startsWith);
    }

    /// What every further record would be answered too.
    private static boolean concernsAll(String error) {
        return Stream.of("NOAUTH", "NOPERM", "WRONGPASS").anyMatch(error::startsWith);
    }

    private void progressed() {
        lock.lock();
        try {
            progressNanos = session.world().clock().nanos();
        } finally {
            lock.unlock();
        }
    }

    private boolean impatient() {
        lock.lock();
        try {
            return session.secondsSince(progressNanos) > plan.patienceSeconds();
        } finally {
            lock.unlock();
        }
    }

    // ---- what is done

    private void opened(long number, long start) {
        lock.lock();
        try {
            open.put(number, start);
        } finally {
            lock.unlock();
        }
    }

    private void done(Chunk chunk, List<Failure> wrong) {
        lock.lock();
        try {
            open.remove(chunk.number());
            loaded += chunk.items().size() - wrong.size();
            failed += wrong.size();
            for (Failure failure : wrong) {
                failedAhead.add(failure.record());
                if (failures.size() < FAILURES_SHOWN) {
                    failures.add(failure);
                }
            }
            progressNanos = session.world().clock().nanos();
        } finally {
            lock.unlock();
        }
    }

    /// Keeps the position before which everything is done, and shows how far that is.
    private void keep(ImportRecords records) {
        ImportPosition now;
        lock.lock();
        try {
            boolean all = open.isEmpty();
            long position = all ? records.position() : open.firstEntry().getValue();
            long count = all ? records.count() : open.firstKey() - 1;
            var gone = failedAhead.headSet(count, true);
            long wrong = kept.failed() + gone.size();
            gone.clear();
            now = new ImportPosition(kept.version(), plan.source(), kept.run(), position, count, count - wrong, wrong);
        } finally {
            lock.unlock();
        }
        if (!now.equals(kept)) {
            now.keep(session.world().disk(), plan.file());
            kept = now;
        }
        session.screen().live(progress(now));
    }

    private String progress(ImportPosition now) {
        double seconds = Math.max(0.1, session.secondsSince(beganNanos));
        long share = plan.source().bytes() == 0
                ? 100
                : 100 * now.position() / plan.source().bytes();
        return "%d records loaded, %d %%, %.0f a second, %d failed"
                .formatted(now.loaded(), share, loaded / seconds, now.failed());
    }

    /// A lane's connection, which moves on to the next node when one does not answer.
    private final class Connection {
        private int door;
        private @Nullable RedisLink link;

        Connection(int lane) {
            this.door = lane % plan.doors().size();
        }

        /// @return one answer for each record from the first on; fewer when the connection broke
        List<@Nullable String> ask(List<Item> items) {
            Door to = plan.doors().get(door);
            List<@Nullable String> errors = new ArrayList<>(items.size());
            try {
                RedisLink open = link;
                if (open == null) {
                    open = RedisLink.open(to, plan.terms());
                    link = open;
                }
                open.ask(items.stream().map(Item::command).toList(), errors);
                String first = errors.getFirst();
                if (first != null && mayWorkLater(first)) {
                    moveOn();
                }
            } catch (RedisLink.Denied e) {
                stop(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                lastTrouble = "%s: %s".formatted(to, e.getMessage());
                moveOn();
            }
            return errors;
        }

        private void moveOn() {
            drop();
            door = (door + 1) % plan.doors().size();
        }

        void drop() {
            RedisLink open = link;
            link = null;
            try {
                if (open != null) {
                    open.close();
                }
            } catch (IOException e) {
                lastTrouble = String.valueOf(e.getMessage());
            }
        }
    }
}
