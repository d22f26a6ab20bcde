package org.holdfast.transport;

import com.google.protobuf.ByteString;

/// Answers requests for blocks.
public interface DeliverService {
    /// Answers one request, on a virtual thread of its own. Must end with [DeliverSink#status]; a thrown
    /// [org.holdfast.wire.Refusal.Refused] ends with its status.
    ///
    /// @param request the serialized seek envelope as received
    void deliver(ByteString request, Peer peer, DeliverSink sink) throws ReaderGone;
}
