package org.holdfast.transport;

import com.google.protobuf.ByteString;
import java.util.Optional;

/// Parts of something large as they come from another node, pulled by one virtual thread. A few are fetched ahead; the
/// rest wait at the sender.
public interface PartStream extends AutoCloseable {
    /// Waits for the next part.
    ///
    /// @return empty at the end; throws [org.holdfast.wire.Refusal.Refused] when the member refuses
    /// @throws LinkBroken when the stream broke, was closed, or nothing came for too long
    Optional<ByteString> next() throws LinkBroken;

    /// Stops the stream; a waiting [#next] fails. Idempotent.
    @Override
    void close();
}
