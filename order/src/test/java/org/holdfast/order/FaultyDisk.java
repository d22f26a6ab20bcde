package org.holdfast.order;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;

/// A real disk that can be full for a while: writing a file then takes half of the bytes and fails.
final class FaultyDisk implements Disk {
    private final Disk real;
    private volatile boolean full;

    FaultyDisk(Disk real) {
        this.real = real;
    }

    boolean isFull() {
        return full;
    }

    void full(boolean now) {
        full = now;
    }

    @Override
    public boolean exists(Path path) {
        return real.exists(path);
    }

    @Override
    public List<Path> list(Path directory) {
        return real.list(directory);
    }

    @Override
    public void createDirectories(Path directory) {
        real.createDirectories(directory);
    }

    @Override
    public DiskFile open(Path path) {
        return new FaultyFile(real.open(path));
    }

    @Override
    public DiskFile openRead(Path path) {
        return real.openRead(path);
    }

    @Override
    public InputStream stream(Path path) {
        return real.stream(path);
    }

    @Override
    public byte[] read(Path path) {
        return real.read(path);
    }

    @Override
    public void replace(Path path, byte[] content) {
        if (full) {
            throw noSpace(path);
        }
        real.replace(path, content);
    }

    @Override
    public void move(Path from, Path to) {
        real.move(from, to);
    }

    @Override
    public void delete(Path path) {
        real.delete(path);
    }

    @Override
    public void deleteTree(Path directory) {
        real.deleteTree(directory);
    }

    @Override
    public void forceDirectory(Path directory) {
        real.forceDirectory(directory);
    }

    @Override
    public long freeBytes(Path path) {
        return full ? 0 : real.freeBytes(path);
    }

    @Override
    public DiskLock lock(Path path) {
        return real.lock(path);
    }

    private static DiskFault noSpace(Path path) {
        return new DiskFault("writing", path, new IOException("No space left on device"));
    }

    private final class FaultyFile implements DiskFile {
        private final DiskFile file;

        private FaultyFile(DiskFile file) {
            this.file = file;
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public int read(ByteBuffer target, long position) {
            return file.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) {
            if (full) {
                ByteBuffer half = source.duplicate();
                half.limit(half.position() + half.remaining() / 2);
                file.write(half, position);
                throw noSpace(file.path());
            }
            file.write(source, position);
        }

        @Override
        public void truncate(long size) {
            file.truncate(size);
        }

        @Override
        public void force() {
            file.force();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
