package org.holdfast.env;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// Files as a room sees them. Every failure is a [DiskFault]. Nothing is durable before it was forced: a file's bytes
/// by [DiskFile#force], its name by [#forceDirectory].
public interface Disk {
    /// Whether there is something with this name. Not being able to look is a fault, not a no.
    boolean exists(Path path);

    /// Names directly under a directory, sorted; empty when there is no such directory.
    List<Path> list(Path directory);

    void createDirectories(Path directory);

    /// Opens for reading and writing, created if absent.
    DiskFile open(Path path);

    /// Opens for reading only; a fault when absent.
    DiskFile openRead(Path path);

    /// Reads from the beginning on, also what has no positions (a pipe, a terminal). The caller closes it.
    InputStream stream(Path path);

    /// The whole file.
    byte[] read(Path path);

    /// Replaces a file's content as one durable step: after a crash the file holds the old bytes or the new ones.
    void replace(Path path, byte[] content);

    /// Like [#replace], for a file that only its owner may read (mode 0600 where the file system knows modes). A disk
    /// without modes writes as [#replace] does.
    default void replaceSecret(Path path, byte[] content) {
        replace(path, content);
    }

    /// Renames; both names in the same file system. Durable after [#forceDirectory] of the parents.
    void move(Path from, Path to);

    /// Deletes a file if it is there.
    void delete(Path path);

    /// Deletes a directory with everything below it, if it is there.
    void deleteTree(Path directory);

    /// Makes creations, renames and deletions in a directory durable.
    void forceDirectory(Path directory);

    /// Bytes this process may still write to the file system of the path.
    long freeBytes(Path path);

    /// Takes an exclusive lock that ends with the process.
    ///
    /// @return the lock, to be closed on a clean stop; throws [DiskFault] when another process holds it
    DiskLock lock(Path path);

    /// A lock that is held.
    interface DiskLock extends AutoCloseable {
        /// Lets go of it.
        @Override
        void close();
    }

    /// One open file; reads may come from several threads. A thread that is interrupted inside a call closes the file
    /// for everyone (the platform does that), so threads that read and write files are never interrupted.
    interface DiskFile extends AutoCloseable {
        Path path();

        long size();

        /// Reads into the buffer from a position until it is full or the file ends.
        ///
        /// @return bytes read; 0 at the end
        int read(ByteBuffer target, long position);

        /// Writes everything that remains in the buffer at a position.
        void write(ByteBuffer source, long position);

        /// Cuts the file to a size.
        void truncate(long size);

        /// Returns when the bytes written so far are on the device.
        void force();

        @Override
        void close();
    }
}
