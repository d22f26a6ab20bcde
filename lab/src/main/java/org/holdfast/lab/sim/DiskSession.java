package org.holdfast.lab.sim;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;

/// A simulated disk as one process sees it. Every call is a moment at which the process may die; a dead one gets
/// nothing done.
final class DiskSession implements Disk {
    private final SimDisk disk;
    private final Host host;

    DiskSession(SimDisk disk, Host host) {
        this.disk = disk;
        this.host = host;
    }

    private void call() {
        if (host.isDead() || disk.strikes()) {
            throw new ProcessGone(host);
        }
    }

    private static DiskFault absent(String action, Path path) {
        return new DiskFault(action, path, new IOException("no such file"));
    }

    private SimDisk.Bytes file(Path path, String action) {
        if (disk.find(path) instanceof SimDisk.Bytes bytes) {
            return bytes;
        }
        throw absent(action, path);
    }

    @Override
    public boolean exists(Path path) {
        call();
        return disk.find(path) != null;
    }

    @Override
    public List<Path> list(Path directory) {
        call();
        return disk.find(directory) instanceof SimDisk.Dir dir
                ? dir.now.keySet().stream().map(directory::resolve).toList()
                : List.of();
    }

    @Override
    public void createDirectories(Path directory) {
        call();
        Path at = directory.getRoot();
        for (Path name : directory) {
            at = at == null ? name : at.resolve(name);
            if (disk.find(at) == null) {
                disk.parent(at, "creating directory").change(null, SimDisk.last(at), new SimDisk.Dir());
            }
        }
    }

    @Override
    public DiskFile open(Path path) {
        call();
        if (disk.find(path) == null) {
            disk.parent(path, "opening").change(null, SimDisk.last(path), new SimDisk.Bytes());
        }
        return new OpenFile(path, file(path, "opening"));
    }

    @Override
    public DiskFile openRead(Path path) {
        call();
        return new OpenFile(path, file(path, "opening"));
    }

    @Override
    public InputStream stream(Path path) {
        return new ByteArrayInputStream(read(path));
    }

    @Override
    public byte[] read(Path path) {
        call();
        SimDisk.Bytes bytes = file(path, "reading");
        byte[] content = new byte[bytes.size()];
        int got = bytes.read(ByteBuffer.wrap(content), 0);
        if (got < content.length) {
            throw absent("reading", path);
        }
        return content;
    }

    @Override
    public void replace(Path path, byte[] content) {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        try (DiskFile file = open(fresh)) {
            file.truncate(0);
            file.write(ByteBuffer.wrap(content), 0);
            file.force();
        }
        move(fresh, path);
        Path parent = path.getParent();
        if (parent != null) {
            forceDirectory(parent);
        }
    }

    @Override
    public void move(Path from, Path to) {
        call();
        SimDisk.Dir dir = disk.parent(from, "renaming");
        SimDisk.Node node = dir.now.get(SimDisk.last(from));
        if (node == null || !dir.equals(disk.parent(to, "renaming"))) {
            throw absent("renaming within one directory", from);
        }
        dir.change(SimDisk.last(from), SimDisk.last(to), node);
    }

    @Override
    public void delete(Path path) {
        call();
        if (disk.find(path) != null) {
            disk.parent(path, "deleting").change(SimDisk.last(path), null, null);
        }
    }

    @Override
    public void deleteTree(Path directory) {
        delete(directory);
    }

    @Override
    public void forceDirectory(Path directory) {
        call();
        disk.force(disk.dir(directory, "syncing directory"));
    }

    @Override
    public long freeBytes(Path path) {
        call();
        return disk.isFull() ? 0 : 1L << 40;
    }

    @Override
    public DiskLock lock(Path path) {
        call();
        disk.lock(host, path);
        return () -> {
            if (!host.isDead()) {
                disk.unlock();
            }
        };
    }

    private final class OpenFile implements DiskFile {
        private final Path path;
        private final SimDisk.Bytes bytes;

        private OpenFile(Path path, SimDisk.Bytes bytes) {
            this.path = path;
            this.bytes = bytes;
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public long size() {
            return bytes.size();
        }

        @Override
        public int read(ByteBuffer target, long position) {
            if (host.isDead()) {
                throw new ProcessGone(host);
            }
            return bytes.read(target, position);
        }

        /// A process that dies here has written some of it, and so has one whose disk is full.
        @Override
        public void write(ByteBuffer source, long position) {
            if (host.isDead()) {
                throw new ProcessGone(host);
            }
            if (disk.strikes()) {
                bytes.write(source, disk.dice().below(source.remaining() + 1), position);
                throw new ProcessGone(host);
            }
            if (disk.isFull()) {
                bytes.write(source, disk.dice().below(source.remaining() + 1), position);
                throw new DiskFault("writing", path, new IOException("No space left on device"));
            }
            bytes.write(source, source.remaining(), position);
        }

        @Override
        public void truncate(long size) {
            call();
            bytes.truncate(size);
        }

        @Override
        public void force() {
            call();
            host.time().interleave(host, 4);
            disk.force(bytes);
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
