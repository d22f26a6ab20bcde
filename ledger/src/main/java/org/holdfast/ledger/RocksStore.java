package org.holdfast.ledger;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.holdfast.env.DiskFault;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Logger;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// An index in RocksDB. Everything in it can be rebuilt, so nothing is logged ahead and nothing synced before
/// [#flush].
///
/// One block cache serves all indexes of the process: a node may hold a hundred channels.
final class RocksStore implements IndexStore {
    private static final long CACHE_BYTES = 32L << 20;
    private static final long WRITE_BUFFER_BYTES = 4L << 20;
    private static final int OPEN_FILES_MAX = 64;
    private static final int MERGE_AT_FILES = 8;

    private final Path path;
    private final Options options;
    private final WriteOptions unlogged;
    private final RocksDB db;

    private RocksStore(Path path, Options options, RocksDB db) {
        this.path = path;
        this.options = options;
        this.unlogged = new WriteOptions().setDisableWAL(true);
        this.db = db;
    }

    static RocksStore open(Path path) throws IOException {
        Options options = options();
        try {
            return new RocksStore(path, options, RocksDB.open(options, path.toString()));
        } catch (RocksDBException e) {
            options.close();
            throw new IOException(e.getMessage(), e);
        }
    }

    /// Opens for reading beside a process that may be writing; sees what was flushed.
    static RocksStore openRead(Path path) throws IOException {
        Options options = options().setCreateIfMissing(false);
        options.setLogger(new Silence()); // the default writes and renames files in the directory
        try {
            return new RocksStore(path, options, RocksDB.openReadOnly(options, path.toString()));
        } catch (RocksDBException e) {
            options.close();
            throw new IOException(e.getMessage(), e);
        }
    }

    private static Options options() {
        BlockBasedTableConfig table = new BlockBasedTableConfig();
        table.setBlockCache(Shared.CACHE);
        table.setCacheIndexAndFilterBlocks(true);
        return new Options()
                .setCreateIfMissing(true)
                .setWriteBufferSize(WRITE_BUFFER_BYTES)
                .setMaxWriteBufferNumber(2)
                // Keys of transactions come in no order, so each merge into a sorted level would write all of it anew.
                .setCompactionStyle(CompactionStyle.UNIVERSAL)
                .setLevel0FileNumCompactionTrigger(MERGE_AT_FILES)
                .setMaxOpenFiles(OPEN_FILES_MAX)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL)
                .setKeepLogFileNum(2)
                .setStatsDumpPeriodSec(0)
                .setTableFormatConfig(table);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        try {
            return db.get(key);
        } catch (RocksDBException e) {
            throw fault("reading index", e);
        }
    }

    @Override
    public byte @Nullable [] keyFrom(byte[] from) {
        try (RocksIterator entries = db.newIterator()) {
            entries.seek(from);
            if (entries.isValid()) {
                return entries.key();
            }
            entries.status();
            return null;
        } catch (RocksDBException e) {
            throw fault("reading index", e);
        }
    }

    @Override
    public void forEach(BiConsumer<byte[], byte[]> visitor) {
        try (RocksIterator entries = db.newIterator()) {
            for (entries.seekToFirst(); entries.isValid(); entries.next()) {
                visitor.accept(entries.key(), entries.value());
            }
            entries.status();
        } catch (RocksDBException e) {
            throw fault("reading index", e);
        }
    }

    @Override
    public void write(Consumer<Batch> changes) {
        try (WriteBatch batch = new WriteBatch()) {
            changes.accept(new Filling(batch));
            db.write(unlogged, batch);
        } catch (RocksDBException e) {
            throw fault("writing index", e);
        }
    }

    @Override
    public void flush() {
        try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
            db.flush(wait);
        } catch (RocksDBException e) {
            throw fault("syncing index", e);
        }
    }

    @Override
    public void close() {
        db.close();
        unlogged.close();
        options.close();
    }

    private DiskFault fault(String action, RocksDBException e) {
        return new DiskFault(action, path, new IOException(e.getMessage(), e));
    }

    private final class Filling implements Batch {
        private final WriteBatch batch;

        private Filling(WriteBatch batch) {
            this.batch = batch;
        }

        @Override
        public void put(byte[] key, byte[] value) {
            try {
                batch.put(key, value);
            } catch (RocksDBException e) {
                throw fault("writing index", e);
            }
        }

        @Override
        public void delete(byte[] key) {
            try {
                batch.delete(key);
            } catch (RocksDBException e) {
                throw fault("trimming index", e);
            }
        }
    }

    /// Keeps the engine's own log to itself.
    private static final class Silence extends Logger {
        private Silence() {
            super(InfoLogLevel.FATAL_LEVEL);
        }

        @Override
        protected void log(InfoLogLevel level, String message) {}
    }

    /// Loaded with the first index.
    private static final class Shared {
        private static final Cache CACHE;

        static {
            RocksDB.loadLibrary();
            CACHE = new LRUCache(CACHE_BYTES);
        }
    }
}
