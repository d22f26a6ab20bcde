package org.holdfast.ledger;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A reader's place in a feed. One thread reads; [#close] may come from any thread and wakes the reader.
///
/// Reading throws [UnreadableLedger] when a stored block fails its checksum and [org.holdfast.env.DiskFault] when the
/// disk fails; the position stays and the read may be repeated.
public interface Cursor extends AutoCloseable {
    /// Number of the block that comes next.
    long position();

    /// The next block if it exists; null when it does not yet, or the cursor is closed. May read from disk.
    @Nullable
    StoredBlock poll();

    /// Waits for the next block.
    ///
    /// @return null when the cursor or its ledger is closed
    @Nullable
    StoredBlock await() throws InterruptedException;

    /// Waits for the next block, up to a time.
    ///
    /// @return null when the time is over or the cursor or its ledger is closed ([#isClosed] tells which)
    @Nullable
    StoredBlock await(Duration limit) throws InterruptedException;

    /// Whether the cursor or its ledger was closed.
    boolean isClosed();

    @Override
    void close();
}
