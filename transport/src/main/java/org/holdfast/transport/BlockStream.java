package org.holdfast.transport;

import com.google.protobuf.ByteString;
import java.util.Optional;

/// Blocks as they come from another node, pulled by one virtual thread. A few are fetched ahead; the rest wait at
/// the sender.
public interface BlockStream extends AutoCloseable {
    /// Waits for the next block.
    ///
    /// @return a serialized `common.Block`, or empty at the end of what was asked for
    /// @throws LinkBroken when the stream broke or was closed; ask again from the next number wanted
    Optional<ByteString> next() throws LinkBroken;

    /// Stops the stream; a waiting [#next] fails. Idempotent.
    @Override
    void close();
}
