package org.holdfast.transport;

import com.google.protobuf.ByteString;
import java.util.concurrent.CompletableFuture;

/// One Broadcast stream. Thread-safe; answers come in the order of sending.
public interface BroadcastStream extends AutoCloseable {
    /// Sends an envelope; waits while the window is full or the connection is behind.
    ///
    /// @return completes with the answer, in order; exceptionally with [LinkBroken] when the stream ended before
    ///     it came (the envelope may or may not have been ordered)
    CompletableFuture<BroadcastAnswer> send(ByteString envelope) throws LinkBroken;

    /// Sends an envelope at once, whatever the connection has taken so far: the caller bounds what is unanswered.
    ///
    /// @return as [#send]
    CompletableFuture<BroadcastAnswer> sendAtOnce(ByteString envelope) throws LinkBroken;

    /// Sends no more and waits until everything sent is answered or the stream broke. Idempotent.
    @Override
    void close();
}
