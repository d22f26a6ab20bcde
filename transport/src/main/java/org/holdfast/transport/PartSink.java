package org.holdfast.transport;

import com.google.protobuf.ByteString;

/// Where the parts of something large go to one reader. Used by one thread at a time.
@FunctionalInterface
public interface PartSink {
    /// Sends the next part. Parks while the reader is behind.
    ///
    /// @throws ReaderGone when nobody reads any more, or the reader took nothing for the stall timeout and was cut
    void part(ByteString part) throws ReaderGone;
}
