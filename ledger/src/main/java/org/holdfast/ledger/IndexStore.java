package org.holdfast.ledger;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The sorted keys and values under a ledger's index. RocksDB on a real disk; a world whose disk is simulated brings
/// its own.
///
/// Nothing written is durable before [#flush], and a crash may lose any number of the newest writes, each of them
/// whole, never one in the middle. Keys are ordered as unsigned bytes. Failures are [org.holdfast.env.DiskFault].
///
/// Threads: one writer; readers on any thread.
public interface IndexStore extends AutoCloseable {
    /// The value of a key; null when there is none.
    byte @Nullable [] get(byte[] key);

    /// The first key at or after another one; null when there is none.
    byte @Nullable [] keyFrom(byte[] from);

    /// Every key with its value, in order.
    void forEach(BiConsumer<byte[], byte[]> visitor);

    /// Writes changes as one step.
    void write(Consumer<Batch> changes);

    /// Returns when everything written so far is on the device.
    void flush();

    /// Ends the use. What was not flushed may be gone.
    @Override
    void close();

    /// Changes that are written together.
    interface Batch {
        void put(byte[] key, byte[] value);

        void delete(byte[] key);
    }

    /// Opens stores.
    interface Engine {
        /// Opens for reading and writing, created if absent.
        ///
        /// @throws IOException when what is there cannot be used; an index can be deleted and built anew then
        IndexStore open(Path directory) throws IOException;
    }
}
