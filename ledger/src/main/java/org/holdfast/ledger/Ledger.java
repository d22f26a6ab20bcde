package org.holdfast.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongConsumer;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Invariant;
import org.holdfast.env.World;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The blocks of one channel: appended by one thread, read by many.
///
/// A directory holds `blocks/` (segments), `index/` (rebuilt when missing), `durable` (how far the ledger was
/// forced) and `lock`. Blocks are never taken back once appended.
public final class Ledger implements Feed, AutoCloseable {
    static final String BLOCKS = "blocks";
    static final String INDEX = "index";
    static final String MARK = "durable";
    static final String LOCK = "lock";
    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

    private final Disk disk;
    private final Path directory;
    private final ChannelId channel;
    private final IndexStore.Engine stores;
    private final Disk.DiskLock processLock;
    private final SegmentWriter writer;
    private final Tail tail;
    private final Mark mark;
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();
    private final Set<FeedCursor> cursors = ConcurrentHashMap.newKeySet();

    private final Signal grown = new Signal();
    private final LedgerFigures figures;

    // Shared: using the index, and publishing what is in it. Exclusive: replacing or closing it.
    private final ReentrantReadWriteLock indexLock = new ReentrantReadWriteLock();
    private volatile @Nullable BlockIndex index;
    private volatile boolean indexFailed;

    // one force at a time
    private final ReentrantLock forceLock = new ReentrantLock();
    private int oldestUnforced;
    private boolean syncFailed;
    private volatile long durable;

    // written by the appending thread
    private volatile Tip tip;
    private volatile boolean closed;

    private record Made(LedgerSettings settings, IndexStore.Engine stores) {}

    private record Tip(long height, Optional<StoredBlock> block, ByteString hash) {}

    private Ledger(World world, Path directory, ChannelId channel, Made made, Disk.DiskLock lock) {
        LedgerSettings settings = made.settings;
        this.disk = world.disk();
        this.directory = directory;
        this.channel = channel;
        this.stores = made.stores;
        this.processLock = lock;
        this.mark = new Mark(disk, directory);
        long forced = mark.read();
        Recovery.Recovered found = new Recovery(disk, directory, channel, stores, forced).run();
        this.index = found.index();
        this.oldestUnforced = forced == Mark.UNKNOWN ? 0 : found.oldestUnforced();
        StoredBlock last = found.tip();
        long first = found.segments().isEmpty() ? 0 : found.segments().getLast().first();
        long height = last == null ? first : last.number() + 1;
        this.durable = forced == Mark.UNKNOWN ? 0 : Math.min(forced, height);
        this.tail = new Tail(settings.tailBytes(), last == null ? height : last.number());
        this.tip = last == null
                ? new Tip(height, Optional.empty(), ByteString.EMPTY)
                : new Tip(height, Optional.of(last), last.header().hash());
        if (last != null) {
            tail.put(last);
        }
        this.writer = writer(world, settings, found);
        this.figures = new LedgerFigures(world, this, cursors);
    }

    private SegmentWriter writer(World world, LedgerSettings settings, Recovery.Recovered found) {
        try {
            return new SegmentWriter(
                    world,
                    directory.resolve(BLOCKS),
                    channel,
                    settings.segmentBytes(),
                    new SegmentWriter.Written(found.segments(), found.end()));
        } catch (RuntimeException e) {
            found.index().close();
            throw e;
        }
    }

    /// Opens a channel's ledger, created if absent, after bringing files and index into agreement: a torn tail is
    /// cut (the log says what), a missing or late index is built, an index ahead of the files is trimmed.
    ///
    /// @throws UnreadableLedger when a file is corrupt before the tail, too old, too new, or of another channel
    /// @throws DiskFault when the disk fails or another process has the ledger open
    public static Ledger open(World world, Path directory, ChannelId channel, LedgerSettings settings) {
        return open(world, directory, channel, settings, RocksStore::open);
    }

    /// As above, with the index in another store: for a world whose disk is not this machine's.
    public static Ledger open(
            World world, Path directory, ChannelId channel, LedgerSettings settings, IndexStore.Engine stores) {
        Disk disk = world.disk();
        disk.createDirectories(directory.resolve(BLOCKS));
        Disk.DiskLock lock = disk.lock(directory.resolve(LOCK));
        try {
            boolean fresh =
                    Recovery.segmentPaths(disk, directory.resolve(BLOCKS)).isEmpty();
            if (fresh && !disk.exists(directory.resolve(MARK))) {
                new Mark(disk, directory).write(0);
                Path parent = directory.toAbsolutePath().getParent();
                if (parent != null) {
                    disk.forceDirectory(parent);
                }
            }
            return new Ledger(world, directory, channel, new Made(settings, stores), lock);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /// The channel whose blocks these are.
    public ChannelId channel() {
        return channel;
    }

    @Override
    public long height() {
        return tip.height;
    }

    @Override
    public long first() {
        List<Segment> segments = writer.segments();
        return segments.isEmpty() ? 0 : segments.getFirst().first();
    }

    /// Height up to which blocks and index are known to be on the device.
    public long durableHeight() {
        return durable;
    }

    /// The newest block; empty in an empty ledger.
    public Optional<StoredBlock> tip() {
        return tip.block;
    }

    /// Appends the next block: into the page cache, indexed, published to readers. The caller is the owner loop and
    /// answers for the data hash. On a fault nothing was appended and the same block may be appended again.
    ///
    /// @throws Invariant when the block does not follow the tip by number and hash, or its header is not the bytes'
    /// header
    /// @throws DiskFault when the disk is full or fails
    public void append(StoredBlock block) {
        long began = figures.now();
        Tip before = tip;
        long number = block.number();
        Invariant.check(!closed, "append to the closed ledger of %s", channel);
        Invariant.check(number == before.height, "%s: block %d at height %d", channel, number, before.height);
        Invariant.check(
                block.header().previousHash().equals(before.hash),
                "%s: block %d does not follow the hash of the block before",
                channel,
                number);
        BlockView view = view(block);
        healIndex();
        ByteString hash = block.header().hash();
        BlockIndex.Location location = writer.append(number, block.bytes());
        indexLock.readLock().lock();
        try {
            openIndex().put(block, view.data(), location, hash);
            tail.put(block);
            tip = new Tip(number + 1, Optional.of(block), hash);
        } catch (DiskFault e) {
            indexFailed = true;
            writer.undo(location);
            throw e;
        } finally {
            indexLock.readLock().unlock();
        }
        figures.appended(began);
        grown.raise();
        for (LongConsumer listener : listeners) {
            listener.accept(number + 1);
        }
    }

    private BlockView view(StoredBlock block) {
        try {
            BlockView view = block.view();
            Invariant.check(
                    view.header().equals(block.header()),
                    "%s: block %d: the header differs from the bytes",
                    channel,
                    block.number());
            return view;
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("%s: block %d cannot be decoded: %s", channel, block.number(), e);
        }
    }

    /// After a failed write the index is opened anew and gets what it lost from the files. Any thread.
    private void healIndex() {
        if (!indexFailed) {
            return;
        }
        indexLock.writeLock().lock();
        try {
            if (closed || !indexFailed) {
                return;
            }
            closeIndex();
            BlockIndex fresh = new BlockIndex(stores.open(directory.resolve(INDEX)));
            try {
                fresh.trim(Math.min(tip.height, fresh.height().orElse(first())));
                Recovery.reindex(disk, writer.segments(), fresh, tip.height);
            } catch (RuntimeException e) { // half an index would say of blocks that they are not there
                fresh.close();
                throw e;
            }
            index = fresh;
            indexFailed = false;
            LOG.info("[{}] the index was opened again after a fault", channel);
        } catch (IOException e) {
            throw new DiskFault("opening index", directory.resolve(INDEX), e);
        } finally {
            indexLock.writeLock().unlock();
        }
    }

    /// Puts everything appended so far on the device: blocks, names, index. Any thread may call; it blocks for the
    /// device and does not hold up appending. After a failed sync of a block file it refuses until the ledger was
    /// opened again, because the system may have dropped what it could not write.
    ///
    /// @return the durable height: blocks below it survive a loss of power
    public long force() {
        forceLock.lock();
        try {
            if (closed) {
                throw Refusal.of(Code.STOPPING, "the ledger of channel %s is closed", channel)
                        .asException();
            }
            return forceNow();
        } finally {
            forceLock.unlock();
        }
    }

    private long forceNow() {
        if (syncFailed) {
            throw new DiskFault("syncing (an earlier sync failed, open the ledger again)", directory, null);
        }
        long height = tip.height;
        if (height == durable) {
            return height;
        }
        long began = figures.now();
        forceBlocks();
        healIndex();
        flushIndex();
        mark.write(height);
        durable = height;
        figures.forced(began);
        return height;
    }

    private void forceBlocks() {
        int newest = oldestUnforced;
        for (Segment segment : writer.segments()) {
            if (segment.ordinal() >= oldestUnforced) {
                try (Disk.DiskFile file = disk.open(segment.path())) {
                    sync(file);
                }
                newest = segment.ordinal();
            }
        }
        disk.forceDirectory(directory.resolve(BLOCKS));
        oldestUnforced = newest;
    }

    private void sync(Disk.DiskFile file) {
        try {
            file.force();
        } catch (DiskFault e) {
            // an interrupt closes the file under the sync and says nothing about the device
            syncFailed = !Thread.currentThread().isInterrupted();
            throw e;
        }
    }

    private void flushIndex() {
        indexLock.readLock().lock();
        try {
            openIndex().flush();
        } catch (DiskFault e) {
            indexFailed = true;
            throw e;
        } finally {
            indexLock.readLock().unlock();
        }
    }

    /// A block by number.
    ///
    /// @throws Refusal.Refused `BLOCK_NOT_HERE` outside of first..height-1
    public StoredBlock block(long number) {
        if (number < first() || number >= height()) {
            throw Refusal.of(
                            Code.BLOCK_NOT_HERE,
                            "channel %s has blocks %d to %d, not %d",
                            channel,
                            first(),
                            height() - 1,
                            number)
                    .asException();
        }
        StoredBlock recent = tail.get(number);
        if (recent != null) {
            return recent;
        }
        BlockIndex.Location location = locate(number);
        Segment segment = segment(location);
        try (Disk.DiskFile file = disk.openRead(segment.path())) {
            return Records.read(segment, file, location, number);
        }
    }

    /// Where a transaction id first occurs.
    public Optional<TxPlace> transaction(String id) {
        indexForReading();
        indexLock.readLock().lock();
        try {
            TxPlace place = openIndex().transaction(id);
            return place == null || place.block() >= height() ? Optional.empty() : Optional.of(place);
        } finally {
            indexLock.readLock().unlock();
        }
    }

    /// The number of the block with a header hash.
    public OptionalLong numberOf(ByteString headerHash) {
        indexForReading();
        indexLock.readLock().lock();
        try {
            OptionalLong number = openIndex().numberOf(headerHash);
            return number.isPresent() && number.getAsLong() >= height() ? OptionalLong.empty() : number;
        } finally {
            indexLock.readLock().unlock();
        }
    }

    /// An index that could not be opened again is tried by whoever looks something up: the next block may be long in
    /// coming.
    private void indexForReading() {
        if (index == null) {
            healIndex();
        }
    }

    private BlockIndex openIndex() {
        if (closed) {
            throw Refusal.of(Code.STOPPING, "the ledger of channel %s is closed", channel)
                    .asException();
        }
        BlockIndex open = index;
        if (open == null) {
            throw new DiskFault("reading (it did not open after a fault)", directory.resolve(INDEX), null);
        }
        return open;
    }

    private void closeIndex() {
        BlockIndex open = index;
        index = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public Cursor cursor(long from) {
        if (from < first()) {
            throw Refusal.of(
                            Code.BLOCK_NOT_HERE, "channel %s begins with block %d here, not %d", channel, first(), from)
                    .asException();
        }
        FeedCursor cursor = new FeedCursor(this, from);
        cursors.add(cursor);
        if (closed) {
            cursor.close();
        }
        return cursor;
    }

    @Override
    public Subscription onHeight(LongConsumer listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Nullable
    StoredBlock recent(long number) {
        return tail.get(number);
    }

    BlockIndex.Location locate(long number) {
        indexForReading();
        indexLock.readLock().lock();
        try {
            BlockIndex.Location location = openIndex().location(number);
            if (location == null) {
                throw Invariant.broken("%s: block %d below height %d is not indexed", channel, number, height());
            }
            return location;
        } finally {
            indexLock.readLock().unlock();
        }
    }

    Segment segment(BlockIndex.Location location) {
        List<Segment> segments = writer.segments();
        return segments.get(location.segment() - segments.getFirst().ordinal());
    }

    Disk.DiskFile openSegment(Segment segment) {
        return disk.openRead(segment.path());
    }

    /// Waits until the height passes a position, the cursor is closed, or the time is over.
    ///
    /// @return nanoseconds left, 0 or less when the time is over
    long awaitHeight(FeedCursor cursor, long position, long nanos) throws InterruptedException {
        return grown.await(() -> position < height() || cursor.isClosed(), nanos);
    }

    void forget(FeedCursor cursor) {
        cursors.remove(cursor);
        grown.raise();
    }

    /// Forces, then releases everything and closes all cursors. Called by the owner, after its last append. Idempotent.
    @Override
    public void close() {
        forceLock.lock();
        try {
            if (!closed) {
                try {
                    forceNow();
                } finally {
                    release();
                }
            }
        } finally {
            forceLock.unlock();
        }
    }

    private void release() {
        closed = true;
        figures.close();
        cursors.forEach(FeedCursor::close);
        indexLock.writeLock().lock();
        try {
            closeIndex();
        } finally {
            indexLock.writeLock().unlock();
        }
        writer.close();
        processLock.close();
    }
}
