package org.holdfast.state;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.holdfast.env.Invariant;
import org.holdfast.env.World;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// The typed state of one shard: what the committed commands of its channel have made of it so far.
///
/// Threads: one thread applies. Reads, versions and digests come from any thread and see the state between two
/// batches, never inside one.
public final class ShardState implements AutoCloseable {
    /// Keys that one batch removes because they expired.
    public static final int EXPIRED_PER_BATCH = 1_000;

    /// Blocks whose digest is remembered.
    public static final long DIGESTS_KEPT = 100_000;

    /// How long the id of a request is remembered, of record time ([Batch.Once]), unless [#ONCE_KEPT] newer ones come.
    public static final Duration ONCE_WINDOW = Duration.ofMillis(Receipts.WINDOW_MILLIS);

    /// Ids that a shard remembers, of all users together.
    public static final int ONCE_KEPT = Receipts.KEPT_MAX;

    private static final int SEED_BYTES_MAX = 256;
    private static final Set<Type> POPPABLE = Set.of(Type.LIST, Type.ZSET);

    private final World world;
    private final Rocks rocks;
    private final ReentrantReadWriteLock open = new ReentrantReadWriteLock();
    private boolean closed;
    private volatile Header header;

    /// Of the applying thread.
    private List<byte[]> poppable = List.of();

    private final AtomicLong expiredRemoved = new AtomicLong();

    /// Of the applying thread; null where no digest is kept.
    private @Nullable DigestBook book;

    private ShardState(World world, Rocks rocks, Header header, @Nullable DigestBook book) {
        this.world = world;
        this.rocks = rocks;
        this.header = header;
        this.book = book;
    }

    /// How a shard is kept; the same on all nodes of its keyspace.
    ///
    /// @param digest whether a digest of the content is kept
    public record Options(boolean digest) {}

    /// Opens a shard's state, created if absent. Where a digest is wanted and none was kept, the state is read through
    /// once.
    ///
    /// @throws StateUnusable when what is there cannot be used
    /// @throws IOException when RocksDB refuses the directory
    public static ShardState open(World world, Path directory, Options options) throws IOException {
        world.disk().createDirectories(directory);
        Rocks rocks = Rocks.open(directory);
        try {
            byte[] stored = rocks.now().get(Layout.header());
            boolean fresh = stored == null && rocks.isEmpty();
            Header header = fresh ? Header.fresh(options.digest()) : Header.decode(stored);
            DigestBook book = options.digest() ? book(rocks, header) : null;
            Header kept = new Header(
                    options.digest(), header.block(), header.timeMillis(), header.nextGeneration(), header.keys());
            return new ShardState(world, rocks, kept, book);
        } catch (IOException | RuntimeException e) {
            rocks.close();
            throw e;
        }
    }

    private static DigestBook book(Rocks rocks, Header header) {
        byte[] stored = rocks.now().get(Layout.total());
        if (header.digest() && stored != null) {
            return new DigestBook(new LatticeSum(stored));
        }
        // Sums of a time when a digest was kept may lie about; all of them are written anew. The header says that a
        // digest is kept only with the next batch, so an end in the middle has it done again.
        return new DigestBook(
                DigestBook.recount(rocks.now(), (generation, sum) -> rocks.put(Layout.sum(generation), sum.bytes())));
    }

    /// Applies a block's commands and moves the cursor, in one atomic write.
    ///
    /// @return a reply for each group; nothing when the block was applied before, which changes nothing
    public List<Reply> apply(Batch batch) {
        if (batch.block() <= header.block()) {
            return List.of();
        }
        Invariant.check(
                header.block() == Header.NO_BLOCK || batch.block() == header.block() + 1,
                "block %d does not follow block %d",
                batch.block(),
                header.block());
        Invariant.check(batch.seed().length <= SEED_BYTES_MAX, "a seed of %d bytes", batch.seed().length);
        List<Reply> replies = new ArrayList<>(batch.groups().size());
        change(batch, (editor, receipts) -> {
            expiredRemoved.addAndGet(editor.removeExpired(EXPIRED_PER_BATCH));
            receipts.forget();
            batch.groups().forEach(group -> replies.add(apply(group, editor, receipts)));
        });
        return replies;
    }

    /// Changes the state past all commands, in the next block: for tests of what must not happen.
    void edit(Consumer<Editor> changes) {
        Batch nothing = new Batch(header.block() + 1, header.timeMillis(), Layout.NOTHING, List.of());
        change(nothing, (editor, _) -> changes.accept(editor));
    }

    private void change(Batch batch, BiConsumer<Editor, Receipts> changes) {
        Header before = header;
        long time = Math.max(before.timeMillis(), batch.timeMillis());
        Overlay overlay = new Overlay(rocks.now());
        Editor editor = new Editor(overlay, before, time, batch.block(), new SeededChance(batch.seed()));
        Receipts receipts = new Receipts(rocks.now(), time, batch.block());
        changes.accept(editor, receipts);
        Header after = new Header(book != null, batch.block(), time, editor.nextGeneration(), editor.count());
        // A copy: a write that fails must leave the old total with the old header.
        DigestBook next = book == null ? null : book.following(overlay);
        rocks.write(overlay, receipts.records(), after, next);
        poppable = poppable(overlay);
        book = next;
        header = after;
    }

    private static List<byte[]> poppable(Overlay overlay) {
        List<byte[]> keys = new ArrayList<>();
        overlay.changes(new byte[] {Layout.ENTRY}, new byte[] {Layout.ENTRY + 1}, (at, change) -> {
            byte[] stored = change.after();
            if (stored != null && POPPABLE.contains(Entry.typeOf(stored))) {
                keys.add(Layout.keyOfEntry(at));
            }
        });
        return keys;
    }

    /// Keys that the last batch changed and that hold a list or a sorted set since: what clients in blocking pops wait
    /// for. A pop that found nothing changed nothing, so it tells nobody. For the applying thread.
    public List<byte[]> poppable() {
        return List.copyOf(poppable);
    }

    private static Reply apply(Batch.Group group, Editor editor, Receipts receipts) {
        Batch.Once once = group.once();
        return once == null ? apply(group, editor) : receipts.once(once, group, () -> apply(group, editor));
    }

    private static Reply apply(Batch.Group group, Editor editor) {
        for (Batch.Watch watch : group.watches()) {
            if (version(editor.find(watch.key())) != watch.version()) {
                return Reply.NIL_LISTING;
            }
        }
        editor.begin();
        List<Reply> replies = new ArrayList<>(group.commands().size());
        for (Command command : group.commands()) {
            replies.add(
                    switch (CommandTable.parse(command)) {
                        case Parsed.Wrong wrong -> wrong.reply();
                        case Parsed.Ready ready -> run(ready, editor);
                    });
        }
        return group.transaction() ? new Reply.Listing(replies) : replies.getFirst();
    }

    private static Reply run(Parsed.Ready ready, Editor editor) {
        return answered(ready, () -> switch (ready.operation()) {
            case Operation.Reading reading -> reading.run(editor);
            case Operation.Writing writing -> writing.run(editor);
        });
    }

    private static Reply answered(Parsed.Ready command, Supplier<Reply> run) {
        try {
            return run.get();
        } catch (Entries.WrongType e) {
            return Entries.WRONG_TYPE;
        } catch (Refused e) {
            return e.reply();
        } catch (Allowance.Exceeded e) {
            return Allowance.refusal(command.spec().name());
        }
    }

    /// Answers a command that only reads.
    ///
    /// @param nowMillis the time at which expiry is judged: the leader's, as it came with the read index
    public Reply read(Parsed.Ready command, long nowMillis) {
        if (!(command.operation() instanceof Operation.Reading reading)) {
            throw Invariant.broken(
                    "'%s' writes: it has to be committed", command.spec().name());
        }
        return reading(store -> answered(command, () -> reading.run(new Entries(store, nowMillis, world.chance()))));
    }

    /// The version of a key for WATCH: the block that changed it last; -1 when there is no such key.
    public long version(byte[] key, long nowMillis) {
        return reading(store -> version(new Entries(store, nowMillis, world.chance()).find(key)));
    }

    private static long version(@Nullable Entry entry) {
        return entry == null ? Header.NO_BLOCK : entry.block();
    }

    /// The last block whose commands are applied; -1 before the first.
    public long appliedBlock() {
        return header.block();
    }

    /// The record time of the last applied block, milliseconds since the Unix epoch.
    public long appliedMillis() {
        return header.timeMillis();
    }

    /// Number of keys; what expired counts until a batch removes it.
    public long keys() {
        return header.keys();
    }

    /// The digest of the content after a block: 32 bytes, equal on all nodes of the shard. Empty when none is kept or
    /// the block is too far back.
    public Optional<byte[]> digest(long block) {
        return Optional.ofNullable(this.<byte @Nullable []>reading(store -> store.get(Layout.digest(block))));
    }

    /// The digest after the last applied block.
    public Optional<byte[]> digest() {
        return digest(appliedBlock());
    }

    /// The digests after each block from one on, as far as they are remembered.
    ///
    /// @param max how many, at most
    public List<BlockDigest> digests(long fromBlock, int max) {
        return reading(store -> {
            List<BlockDigest> found = new ArrayList<>();
            byte[] end = {Layout.DIGEST + 1};
            store.up(Layout.digest(Math.max(0, fromBlock)), end, (at, digest) -> {
                found.add(new BlockDigest(Layout.blockOf(at), digest));
                return found.size() < max;
            });
            return found;
        });
    }

    /// Adds the digest up anew from everything that is stored: what [#digest()] has to be equal to.
    public byte[] recount() {
        return reading(
                store -> DigestBook.recount(store, (generation, sum) -> {}).digest(Layout.sha256()));
    }

    /// Members that belong to no entry: there are none, or something is wrong here.
    long leftovers() {
        return reading(store -> {
            Set<Long> living = new HashSet<>();
            new Entries(store, Long.MIN_VALUE, world.chance()).each(Layout.NOTHING, (key, entry) -> {
                living.add(entry.generation());
                return true;
            });
            long[] count = {0};
            store.up(new byte[] {Layout.MEMBER}, new byte[] {Layout.END}, (at, value) -> {
                count[0] += living.contains(Layout.generationOf(at)) ? 0 : 1;
                return true;
            });
            return count[0];
        });
    }

    /// Returns when everything applied so far is on the device.
    ///
    /// @return the block up to which that holds: a durable cursor
    public long force() {
        long block = appliedBlock();
        return holding(() -> {
            rocks.sync();
            return block;
        });
    }

    /// Rewrites the files without what was deleted. Takes as long as copying them; reads and batches go on meanwhile,
    /// and closing ends it.
    ///
    /// @return false when the state was being closed
    public boolean optimize() {
        return holding(rocks::compact);
    }

    /// What RocksDB says of the records.
    public EngineFigures engineFigures() {
        return holding(() -> new EngineFigures(
                rocks.bytesOnDisk(),
                rocks.number("rocksdb.estimate-live-data-size"),
                rocks.number("rocksdb.cur-size-all-mem-tables"),
                rocks.number("rocksdb.estimate-pending-compaction-bytes"),
                rocks.number("rocksdb.estimate-num-keys"),
                expiredRemoved.get()));
    }

    /// Counts tables and finds the largest collections. Goes through all entries (not through members), so it takes
    /// about as long as reading them from the disk; reads and batches go on meanwhile, and closing ends it.
    ///
    /// @return empty when the state was being closed
    public Optional<Census> census() {
        return reading(store -> {
            try {
                byte[] stored = store.get(Layout.header());
                long block =
                        stored == null ? Header.NO_BLOCK : Header.decode(stored).block();
                return Optional.of(Census.of(store, rocks::approximateBytes, block, open::hasQueuedThreads));
            } catch (Census.Stopped e) {
                return Optional.empty();
            } catch (StateUnusable e) {
                throw Invariant.broken("the header of an open state: %s", e);
            }
        });
    }

    /// Bytes of the state's files.
    public long bytesOnDisk() {
        return holding(rocks::bytesOnDisk);
    }

    /// Writes a copy of the state into a directory that does not exist yet, in the same file system mostly as links.
    /// It opens like the original.
    public void checkpoint(Path directory) {
        holding(() -> {
            rocks.checkpoint(directory);
            return 0;
        });
    }

    private <T extends @Nullable Object> T reading(Function<Store, T> look) {
        return holding(() -> rocks.atOneMoment(look));
    }

    /// Keeps the native store open meanwhile.
    private <T extends @Nullable Object> T holding(Supplier<T> work) {
        open.readLock().lock();
        try {
            if (closed) {
                throw Refusal.of(Code.STOPPING, "the state is closed; ask again when the node is up")
                        .asException();
            }
            return work.get();
        } finally {
            open.readLock().unlock();
        }
    }

    /// Ends the use; waits for reads that are under way, and ends what takes long. The applying thread calls it.
    @Override
    public void close() {
        rocks.cancel();
        open.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                rocks.close();
            }
        } finally {
            open.writeLock().unlock();
        }
    }
}
