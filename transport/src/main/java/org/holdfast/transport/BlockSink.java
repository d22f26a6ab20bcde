package org.holdfast.transport;

import com.google.protobuf.ByteString;

/// Where blocks for one reader go. Used by one thread at a time.
public interface BlockSink {
    /// Sends a block exactly as stored. Parks while the reader is behind.
    ///
    /// @param storedBlock a serialized `common.Block`
    /// @throws ReaderGone when nobody reads any more, or the reader took nothing for the stall timeout and was
    ///     cut
    void block(ByteString storedBlock) throws ReaderGone;

    /// Whether the reader has gone.
    boolean isGone();

    /// Runs an action once when the reader goes (at once if it has): to wake a service that waits for the next
    /// block. The action must not block.
    void onGone(Runnable action);
}
