package org.holdfast.env;

import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The file systems of this machine.
final class FileDisk implements Disk {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final ForceDelay delay;

    FileDisk(ForceDelay delay) {
        this.delay = delay;
    }

    @Override
    public boolean exists(Path path) {
        // Not Files.exists: it takes "cannot look" for "is not there", and a vote's marker must not vanish like that.
        try {
            Files.readAttributes(path, BasicFileAttributes.class);
            return true;
        } catch (NoSuchFileException absent) {
            return false;
        } catch (IOException e) {
            throw new DiskFault("looking for", path, e);
        }
    }

    @Override
    public List<Path> list(Path directory) {
        try (Stream<Path> names = Files.list(directory)) {
            return names.sorted().toList();
        } catch (NoSuchFileException absent) {
            return List.of();
        } catch (UncheckedIOException e) {
            throw new DiskFault("listing", directory, e.getCause());
        } catch (IOException e) {
            throw new DiskFault("listing", directory, e);
        }
    }

    @Override
    public void createDirectories(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new DiskFault("creating directory", directory, e);
        }
    }

    @Override
    public DiskFile open(Path path) {
        try {
            FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            return new OpenFile(path, channel, delay);
        } catch (IOException e) {
            throw new DiskFault("opening", path, e);
        }
    }

    @Override
    public DiskFile openRead(Path path) {
        try {
            return new OpenFile(path, FileChannel.open(path, StandardOpenOption.READ), delay);
        } catch (IOException e) {
            throw new DiskFault("opening", path, e);
        }
    }

    @Override
    public InputStream stream(Path path) {
        try {
            return new BufferedInputStream(new FileInputStream(path.toFile()));
        } catch (FileNotFoundException e) {
            throw new DiskFault("opening", path, e);
        }
    }

    @Override
    public byte[] read(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new DiskFault("reading", path, e);
        }
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
        forceDirectory(parent(path));
    }

    @Override
    public void replaceSecret(Path path, byte[] content) {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        delete(fresh);
        try {
            // The mode is set as the file is made: there is no moment at which others can open it.
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (IOException e) {
            throw new DiskFault("creating", fresh, e);
        }
        replace(path, content);
    }

    @Override
    public void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new DiskFault("renaming to " + to.getFileName(), from, e);
        }
    }

    @Override
    public void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new DiskFault("deleting", path, e);
        }
    }

    @Override
    public void deleteTree(Path directory) {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException fault) throws IOException {
                    if (fault != null) {
                        throw fault;
                    }
                    Files.delete(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException absent) {
            // The directory is not there, which is what was asked for; a file inside that vanished is a race of the
            // caller.
            Invariant.check(!exists(directory), "something else deletes files below %s too: %s", directory, absent);
        } catch (IOException e) {
            throw new DiskFault("deleting", directory, e);
        }
    }

    @Override
    public void forceDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
            delay.pause();
        } catch (IOException e) {
            throw new DiskFault("syncing directory", directory, e);
        }
    }

    @Override
    public long freeBytes(Path path) {
        try {
            return Files.getFileStore(path).getUsableSpace();
        } catch (IOException e) {
            throw new DiskFault("reading free space of", path, e);
        }
    }

    @Override
    public DiskLock lock(Path path) {
        FileChannel channel;
        try {
            channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new DiskFault("locking", path, e);
        }
        try {
            if (channel.tryLock() != null) {
                return () -> unlock(channel, path);
            }
            throw notLocked(channel, path, new IOException("held by another running process"));
        } catch (OverlappingFileLockException held) {
            throw notLocked(channel, path, new IOException("held by this process already", held));
        } catch (IOException e) {
            throw notLocked(channel, path, e);
        }
    }

    private static void unlock(FileChannel channel, Path path) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new DiskFault("unlocking", path, e);
        }
    }

    private static DiskFault notLocked(FileChannel channel, Path path, IOException why) {
        try {
            channel.close();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
        return new DiskFault("locking", path, why);
    }

    private static Path parent(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        return parent == null ? path : parent;
    }

    private static final class OpenFile implements DiskFile {
        private final Path path;
        private final FileChannel channel;
        private final ForceDelay delay;

        private OpenFile(Path path, FileChannel channel, ForceDelay delay) {
            this.path = path;
            this.channel = channel;
            this.delay = delay;
        }

        @Override
        public Path path() {
            return path;
        }

        @Override
        public long size() {
            try {
                return channel.size();
            } catch (IOException e) {
                throw new DiskFault("sizing", path, e);
            }
        }

        @Override
        public int read(ByteBuffer target, long position) {
            try {
                int total = 0;
                while (target.hasRemaining()) {
                    int count = channel.read(target, position + total);
                    if (count < 0) {
                        break;
                    }
                    total += count;
                }
                return total;
            } catch (IOException e) {
                throw new DiskFault("reading", path, e);
            }
        }

        @Override
        public void write(ByteBuffer source, long position) {
            try {
                long at = position;
                while (source.hasRemaining()) {
                    at += channel.write(source, at);
                }
            } catch (IOException e) {
                throw new DiskFault("writing", path, e);
            }
        }

        @Override
        public void truncate(long size) {
            try {
                channel.truncate(size);
            } catch (IOException e) {
                throw new DiskFault("truncating", path, e);
            }
        }

        @Override
        public void force() {
            try {
                channel.force(false);
                delay.pause();
            } catch (IOException e) {
                throw new DiskFault("syncing", path, e);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new DiskFault("closing", path, e);
            }
        }
    }
}
