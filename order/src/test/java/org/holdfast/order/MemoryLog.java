package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.order.OrderedLog.Ambiguous;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// A replicated log for all members of a channel, in memory, that does everything [OrderedLog] allows an engine to
/// do to the rooms above it: refuses, answers that a record's fate is unknown (appended, appended much later behind
/// others, or never), changes leaders, lets a member fall behind, forgets records that a member has not read.
///
/// One list of committed records behind one lock; each member has a reader thread. What goes wrong is drawn from a
/// seed; when it goes wrong depends on the threads.
final class MemoryLog implements AutoCloseable {
    /// How often something goes wrong, in percent of the submits.
    record Malice(int refused, int lost, int unknown, int late) {
        static final Malice NONE = new Malice(0, 0, 0, 0);
        static final Malice SOME = new Malice(4, 4, 6, 6);
    }

    private sealed interface Item {
        Position position();

        record Written(Entry entry) implements Item {
            @Override
            public Position position() {
                return entry.position();
            }
        }

        record Membership(List<Seated> members, Position position) implements Item {}
    }

    /// Completes when a member has read so far.
    private record Confirmed(long index, CompletableFuture<Void> answer) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(2);
    private final Random random;
    private final List<Item> items = new ArrayList<>();
    private final Map<MemberId, Door> doors = new HashMap<>();
    private long purged;
    private long term = 1;
    private long electedAt;
    private @Nullable MemberId leader;
    private List<Seated> members;
    private volatile Malice malice = Malice.NONE;
    private volatile boolean closed;
    /// Plants a bug: a member that was never told otherwise confirms that it leads.
    volatile boolean confirmsUnasked;

    MemoryLog(long seed, List<MemberId> first) {
        this.random = new Random(seed);
        this.members = first.stream().map(MemoryLog::seated).toList();
        // As engines do, it begins with an entry of its own.
        items.add(new Item.Membership(members, new Position(1, 1)));
    }

    static Seated seated(MemberId member) {
        return new Seated(member, member.seat() + ":1");
    }

    void malice(Malice now) {
        malice = now;
    }

    /// A new term, with this leader or with none.
    void elect(@Nullable MemberId next) {
        locked(() -> {
            leader = next;
            term++;
            electedAt = lastIndex();
            changed.signalAll();
        });
    }

    Optional<MemberId> leader() {
        lock.lock();
        try {
            return Optional.ofNullable(leader);
        } finally {
            lock.unlock();
        }
    }

    /// A member that is paused gets nothing until it is let go.
    void pause(MemberId member, boolean paused) {
        locked(() -> {
            Door door = doors.get(member);
            if (door != null) {
                door.paused = paused;
            }
            changed.signalAll();
        });
    }

    long lastIndex() {
        lock.lock();
        try {
            return purged + items.size();
        } finally {
            lock.unlock();
        }
    }

    long purged() {
        lock.lock();
        try {
            return purged;
        } finally {
            lock.unlock();
        }
    }

    List<Seated> seatedMembers() {
        lock.lock();
        try {
            return members;
        } finally {
            lock.unlock();
        }
    }

    /// Puts a record into the log as a leader of long ago might have: no gate and no guard has seen it.
    void inject(ByteString record) {
        locked(() -> commit(System.currentTimeMillis(), false, record));
    }

    /// Forgets every record there is: who has not read them must fetch blocks.
    void forgetAll() {
        locked(() -> forget(purged + items.size()));
    }

    /// A member's engine.
    Orderer.Engine engine(MemberId member) {
        // By seat the last incarnation that is not heard.
        Map<String, Integer> refused = new HashMap<>();
        return new Orderer.Engine() {
            @Override
            public void cut(MemberId other) {
                locked(() -> refused.merge(other.seat(), other.incarnation(), Math::max));
            }

            @Override
            public void admit(MemberId other) {
                locked(() -> {
                    refused.put(other.seat(), other.incarnation() - 1);
                    changed.signalAll();
                });
            }

            @Override
            public OrderedLog open(Position resumeFrom, OrderedLog.Reader reader, OrderedLog.Stamper stamper) {
                Door door = new Door(member, refused, resumeFrom.index(), reader, stamper);
                locked(() -> doors.put(member, door));
                door.thread.start();
                return door;
            }
        };
    }

    @Override
    public void close() {
        closed = true;
        timers.shutdownNow();
    }

    private void locked(Runnable work) {
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }

    private Position commit(long time, boolean cutAfter, ByteString record) {
        Position position = new Position(term, purged + items.size() + 1);
        items.add(new Item.Written(new Entry(position, time, cutAfter, record)));
        changed.signalAll();
        return position;
    }

    private void later(int millis, Runnable work) {
        if (!closed) {
            var _ = timers.schedule(work, millis, TimeUnit.MILLISECONDS);
        }
    }

    private void forget(long index) {
        while (purged < index && !items.isEmpty()) {
            items.removeFirst();
            purged++;
        }
    }

    /// One member's side of the log.
    private final class Door implements OrderedLog {
        private final MemberId self;
        private final Reader reader;
        private final Stamper stamper;
        private final Thread thread;
        private final Map<String, Integer> refused;
        private long read;
        private boolean begun;
        private boolean paused;
        private boolean stopped;
        private final List<Confirmed> confirmed = new ArrayList<>();
        private Leadership told = new Leadership(Optional.empty(), 0, false);

        private Door(MemberId self, Map<String, Integer> refused, long read, Reader reader, Stamper stamper) {
            this.self = self;
            this.refused = refused;
            this.read = read;
            this.reader = reader;
            this.stamper = stamper;
            this.thread = Thread.ofPlatform().name("log-" + self).daemon(true).unstarted(this::run);
        }

        @Override
        public CompletableFuture<Position> append(ByteString record) {
            CompletableFuture<Position> answer = new CompletableFuture<>();
            locked(() -> {
                Malice now = malice;
                int dice = random.nextInt(100);
                if (stopped || !self.equals(leader) || !ready() || dice < now.refused) {
                    refuse(answer, "not the leader, or not now");
                } else if (record.size() > RECORD_BYTES_MAX) {
                    refuse(answer, "too large");
                } else if (dice < now.refused + now.lost) {
                    unknown(answer);
                } else if (dice < now.refused + now.lost + now.late) {
                    long time = stamper.timeMillis();
                    boolean cutAfter = stamper.cutAfter(record);
                    unknown(answer);
                    later(5 + random.nextInt(60), () -> locked(() -> commit(time, cutAfter, record)));
                } else {
                    Position position = commit(stamper.timeMillis(), stamper.cutAfter(record), record);
                    if (dice < now.refused + now.lost + now.late + now.unknown) {
                        unknown(answer);
                    } else {
                        later(random.nextInt(3), () -> answer.complete(position));
                    }
                }
            });
            return answer;
        }

        @Override
        public CompletableFuture<Void> confirm() {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            if (confirmsUnasked) {
                answer.complete(null);
                return answer;
            }
            locked(() -> {
                if (stopped || !self.equals(leader) || random.nextInt(100) < malice.refused) {
                    later(
                            1,
                            () -> answer.completeExceptionally(Refusal.of(Code.NOT_LEADER, "not the leader, or not now")
                                    .asException()));
                } else {
                    confirmed.add(new Confirmed(purged + items.size(), answer));
                    changed.signalAll();
                }
            });
            return answer;
        }

        private void refuse(CompletableFuture<Position> answer, String reason) {
            later(
                    1,
                    () -> answer.completeExceptionally(
                            Refusal.of(Code.NOT_LEADER, "%s", reason).asException()));
        }

        private void unknown(CompletableFuture<Position> answer) {
            later(random.nextInt(20), () -> answer.completeExceptionally(new Ambiguous("the link broke")));
        }

        private boolean ready() {
            return read >= electedAt;
        }

        @Override
        public Leadership leadership() {
            lock.lock();
            try {
                return now();
            } finally {
                lock.unlock();
            }
        }

        private Leadership now() {
            return new Leadership(Optional.ofNullable(leader), term, self.equals(leader) && ready());
        }

        @Override
        public List<Seated> members() {
            return seatedMembers();
        }

        @Override
        public CompletableFuture<Void> changeMembers(List<Seated> current, List<Seated> next) {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            locked(() -> {
                if (stopped || !self.equals(leader) || !members.equals(current)) {
                    later(1, () -> answer.completeExceptionally(new Ambiguous("no leader for the change of members")));
                    return;
                }
                members = List.copyOf(next);
                items.add(new Item.Membership(members, new Position(term, purged + items.size() + 1)));
                if (leader != null
                        && members.stream().noneMatch(seated -> seated.member().equals(leader))) {
                    leader = null;
                    term++;
                }
                changed.signalAll();
                later(1, () -> answer.complete(null));
            });
            return answer;
        }

        @Override
        public CompletableFuture<Void> transferLeadership(Optional<MemberId> to) {
            to.ifPresent(MemoryLog.this::elect);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void forgetUpTo(Position durable) {
            // Hostile: what one member does not need any more is gone for all.
            locked(() -> forget(Math.min(durable.index(), read)));
        }

        @Override
        public void halt(String reason) {
            stop();
        }

        @Override
        public void close() {
            stop();
            try {
                thread.join(TimeUnit.SECONDS.toMillis(20));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (thread.isAlive()) {
                throw new AssertionError("the channel keeps the reader thread of " + self + " for ever");
            }
        }

        private void stop() {
            locked(() -> {
                stopped = true;
                if (self.equals(leader)) {
                    leader = null;
                    term++;
                }
                changed.signalAll();
            });
        }

        private void run() {
            try {
                for (Runnable event = next(); event != null; event = next()) {
                    event.run();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /// Waits for the next thing to tell the channel; null when stopped.
        private @Nullable Runnable next() throws InterruptedException {
            lock.lock();
            try {
                while (true) {
                    if (stopped || closed) {
                        return null;
                    }
                    Runnable event = paused ? null : event();
                    if (event != null) {
                        return event;
                    }
                    changed.await();
                }
            } finally {
                lock.unlock();
            }
        }

        private @Nullable Runnable event() {
            boolean member = members.stream().anyMatch(seated -> seated.member().equals(self));
            if (!begun) {
                begun = true;
                return this::tellNewestMembers;
            }
            if (leader != null && leader.incarnation() <= refused.getOrDefault(leader.seat(), 0)) {
                return null; // it tells what is committed
            }
            if (member && read < purged) {
                return this::catchUp;
            }
            if (member && read < purged + items.size()) {
                return deliver(items.get((int) (read - purged)));
            }
            Leadership now = now();
            if (!now.equals(told)) {
                told = now;
                return () -> reader.leadership(now);
            }
            if (!confirmed.isEmpty() && confirmed.getFirst().index() <= read) {
                Confirmed first = confirmed.removeFirst();
                return () -> first.answer().complete(null);
            }
            return null;
        }

        private Runnable deliver(Item item) {
            return () -> {
                switch (item) {
                    case Item.Written written -> reader.entry(written.entry());
                    case Item.Membership changedNow -> reader.members(changedNow.members(), changedNow.position());
                }
                locked(() -> read = Math.max(read, item.position().index()));
            };
        }

        private void tellNewestMembers() {
            List<Item.Membership> all = new ArrayList<>();
            locked(() -> items.forEach(item -> {
                if (item instanceof Item.Membership membership) {
                    all.add(membership);
                }
            }));
            if (!all.isEmpty()) {
                reader.members(all.getLast().members(), all.getLast().position());
            }
        }

        private void catchUp() {
            try {
                Position reached = reader.catchUp(purged() + 1);
                locked(() -> read = reached.index());
            } catch (Refusal.Refused notYet) {
                pauseBriefly();
            }
        }

        private void pauseBriefly() {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
