package org.holdfast.state;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.holdfast.env.DiskFault;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/// RocksDB's records: as a snapshot holds them, or as they are now. One thread at a time.
final class RocksView implements Store {
    private final RocksDB db;
    private final ReadOptions options;
    private final Path path;

    /// @param options may name a snapshot; whoever made them closes them
    RocksView(RocksDB db, ReadOptions options, Path path) {
        this.db = db;
        this.options = options;
        this.path = path;
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        try {
            return db.get(options, key);
        } catch (RocksDBException e) {
            throw fault(e);
        }
    }

    @Override
    public void up(byte[] from, byte[] to, Visitor visitor) {
        try (RocksIterator records = db.newIterator(options)) {
            boolean on = true;
            for (records.seek(from); on && records.isValid(); records.next()) {
                byte[] key = records.key();
                on = Arrays.compareUnsigned(key, to) < 0 && visitor.visit(key, records.value());
            }
            records.status();
        } catch (RocksDBException e) {
            throw fault(e);
        }
    }

    @Override
    public void down(byte[] from, byte[] to, Visitor visitor) {
        try (RocksIterator records = db.newIterator(options)) {
            boolean on = true;
            records.seekForPrev(to);
            if (records.isValid() && Arrays.equals(records.key(), to)) {
                records.prev();
            }
            for (; on && records.isValid(); records.prev()) {
                byte[] key = records.key();
                on = Arrays.compareUnsigned(key, from) >= 0 && visitor.visit(key, records.value());
            }
            records.status();
        } catch (RocksDBException e) {
            throw fault(e);
        }
    }

    private DiskFault fault(RocksDBException e) {
        return new DiskFault("reading state", path, new IOException(e.getMessage(), e));
    }
}
