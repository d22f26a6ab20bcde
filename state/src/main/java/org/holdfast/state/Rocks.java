package org.holdfast.state;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.holdfast.env.DiskFault;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.Checkpoint;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.Range;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/// A shard's records in RocksDB. Its write-ahead log is written but not forced with each batch: after a power cut the
/// state is that after some earlier block, whole, and the blocks after it are applied again.
///
/// One block cache serves all shards of the process, and one limit holds for what they have not written to files yet: a
/// node may hold a hundred shards.
final class Rocks implements AutoCloseable {
    /// Collections up to this size are deleted member by member, larger ones as a range: many ranges make reading
    /// slow.
    private static final long SMALL_COLLECTION_MAX = 64;

    private static final long CACHE_BYTES = 256L << 20;
    private static final long WRITE_BUFFER_BYTES = 16L << 20;
    private static final long ALL_WRITE_BUFFERS_BYTES = 128L << 20;
    private static final int OPEN_FILES_MAX = 256;
    private static final int FILTER_BITS = 10;

    private final Path path;
    private final Options options;
    private final RocksDB db;
    private final WriteOptions logged = new WriteOptions();
    private final ReadOptions plain = new ReadOptions();
    private final Store now;
    /// Guards itself and what is behind it.
    private final List<CompactRangeOptions> compacting = new ArrayList<>();

    private boolean cancelled;

    private Rocks(Path path, Options options, RocksDB db) {
        this.path = path;
        this.options = options;
        this.db = db;
        this.now = new RocksView(db, plain, path);
    }

    static Rocks open(Path path) throws IOException {
        return open(path, true);
    }

    /// Opens a store to look at it; its files stay as they are.
    static Rocks look(Path path) throws IOException {
        return open(path, false);
    }

    private static Rocks open(Path path, boolean writable) throws IOException {
        RocksDB.loadLibrary();
        BlockBasedTableConfig table = new BlockBasedTableConfig();
        table.setBlockCache(Shared.CACHE);
        table.setCacheIndexAndFilterBlocks(true);
        table.setFilterPolicy(Shared.FILTER);
        Options options = new Options()
                .setCreateIfMissing(writable)
                .setWriteBufferSize(WRITE_BUFFER_BYTES)
                .setWriteBufferManager(Shared.BUFFERS)
                .setLevelCompactionDynamicLevelBytes(true)
                .setMaxOpenFiles(OPEN_FILES_MAX)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL)
                .setKeepLogFileNum(2)
                .setStatsDumpPeriodSec(0)
                .setTableFormatConfig(table);
        try {
            RocksDB opened =
                    writable ? RocksDB.open(options, path.toString()) : RocksDB.openReadOnly(options, path.toString());
            return new Rocks(path, options, opened);
        } catch (RocksDBException e) {
            options.close();
            if (e.getStatus() != null && e.getStatus().getCode() == Status.Code.Corruption) {
                throw new StateUnusable(StateUnusable.Verdict.CORRUPT, path + ": " + e.getMessage());
            }
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    /// The newest records. For the applying thread.
    Store now() {
        return now;
    }

    boolean isEmpty() {
        try (RocksIterator records = db.newIterator()) {
            records.seekToFirst();
            records.status();
            return !records.isValid();
        } catch (RocksDBException e) {
            throw fault("reading state", e);
        }
    }

    /// Looks at the records as they are at this moment.
    <T extends @Nullable Object> T atOneMoment(Function<Store, T> look) {
        Snapshot snapshot = db.getSnapshot();
        try (ReadOptions reading = new ReadOptions().setSnapshot(snapshot)) {
            return look.apply(new RocksView(db, reading, path));
        } finally {
            db.releaseSnapshot(snapshot);
            snapshot.close();
        }
    }

    /// Writes what a batch changed, the header and the digest, as one step.
    ///
    /// @param receipts what it changed of the answers to requests with ids
    void write(Overlay overlay, Overlay receipts, Header header, @Nullable DigestBook book) {
        try (WriteBatch batch = new WriteBatch()) {
            if (overlay.isCleared()) {
                batch.deleteRange(new byte[] {Layout.ENTRY}, new byte[] {Layout.END});
            }
            add(batch, overlay, Layout.ENTRY, Layout.END);
            add(batch, receipts, Layout.RECEIPT, Layout.ENTRY);
            overlay.dropped().forEach((generation, size) -> drop(batch, generation, size));
            batch.put(Layout.header(), header.encode());
            if (book != null) {
                batch.put(Layout.total(), book.total().bytes());
                batch.put(Layout.digest(header.block()), book.digest());
                if (header.block() >= ShardState.DIGESTS_KEPT) {
                    batch.delete(Layout.digest(header.block() - ShardState.DIGESTS_KEPT));
                }
            }
            db.write(logged, batch);
        } catch (RocksDBException e) {
            throw fault("writing state", e);
        }
    }

    private void add(WriteBatch batch, Overlay changed, byte from, byte to) {
        changed.changes(new byte[] {from}, new byte[] {to}, (key, change) -> {
            byte @Nullable [] after = change.after();
            try {
                if (after != null) {
                    batch.put(key, after);
                } else if (change.before() != null) {
                    batch.delete(key);
                }
            } catch (RocksDBException e) {
                throw fault("writing state", e);
            }
        });
    }

    /// Writes one record by itself.
    void put(byte[] key, byte[] value) {
        try {
            db.put(logged, key, value);
        } catch (RocksDBException e) {
            throw fault("writing state", e);
        }
    }

    /// Takes one record away.
    void delete(byte[] key) {
        try {
            db.delete(logged, key);
        } catch (RocksDBException e) {
            throw fault("writing state", e);
        }
    }

    /// Forgets the digests after all blocks but one.
    void keepOneDigest(long block) {
        try (WriteBatch batch = new WriteBatch()) {
            batch.deleteRange(new byte[] {Layout.DIGEST}, Layout.digest(block));
            batch.deleteRange(Layout.digest(block + 1), new byte[] {Layout.DIGEST + 1});
            db.write(logged, batch);
        } catch (RocksDBException e) {
            throw fault("writing state", e);
        }
    }

    /// Rewrites everything without what was deleted.
    ///
    /// @return false when [#cancel] ended it
    boolean compact() {
        try (CompactRangeOptions how = new CompactRangeOptions()) {
            synchronized (compacting) {
                if (cancelled) {
                    return false;
                }
                compacting.add(how);
            }
            try {
                db.compactRange(db.getDefaultColumnFamily(), null, null, how);
                return true;
            } finally {
                synchronized (compacting) {
                    compacting.remove(how);
                }
            }
        } catch (RocksDBException e) {
            synchronized (compacting) {
                if (cancelled) {
                    return false;
                }
            }
            throw fault("optimizing state", e);
        }
    }

    /// Ends compactions that somebody waits for; none begins any more.
    void cancel() {
        synchronized (compacting) {
            cancelled = true;
            compacting.forEach(how -> how.setCanceled(true));
        }
    }

    long bytesOnDisk() {
        return number("rocksdb.total-sst-files-size");
    }

    /// Bytes from a record to another, about; what is not in files yet counts, too.
    long approximateBytes(byte[] from, byte[] to) {
        try (Slice first = new Slice(from);
                Slice end = new Slice(to)) {
            return db.getApproximateSizes(
                            List.of(new Range(first, end)),
                            SizeApproximationFlag.INCLUDE_FILES,
                            SizeApproximationFlag.INCLUDE_MEMTABLES)[0];
        }
    }

    /// A property of RocksDB that is a number.
    long number(String property) {
        try {
            return db.getLongProperty(property);
        } catch (RocksDBException e) {
            throw fault("measuring state", e);
        }
    }

    private void drop(WriteBatch batch, long generation, long size) {
        try {
            if (size > SMALL_COLLECTION_MAX) {
                batch.deleteRange(Layout.members(generation), Layout.members(generation + 1));
                return;
            }
        } catch (RocksDBException e) {
            throw fault("writing state", e);
        }
        now.up(Layout.members(generation), Layout.members(generation + 1), (key, value) -> {
            try {
                batch.delete(key);
                return true;
            } catch (RocksDBException e) {
                throw fault("writing state", e);
            }
        });
    }

    /// Forces the log.
    void sync() {
        try {
            db.syncWal();
        } catch (RocksDBException e) {
            throw fault("syncing state", e);
        }
    }

    void checkpoint(Path directory) {
        try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(directory.toString());
        } catch (RocksDBException e) {
            throw fault("copying state to " + directory, e);
        }
    }

    @Override
    public void close() {
        db.close();
        plain.close();
        logged.close();
        options.close();
    }

    private DiskFault fault(String action, RocksDBException e) {
        return new DiskFault(action, path, new IOException(e.getMessage(), e));
    }

    /// Loaded with the first shard.
    private static final class Shared {
        private static final Cache CACHE = new LRUCache(CACHE_BYTES);
        private static final WriteBufferManager BUFFERS = new WriteBufferManager(ALL_WRITE_BUFFERS_BYTES, CACHE);
        private static final BloomFilter FILTER = new BloomFilter(FILTER_BITS);
    }
}
