package org.holdfast.transport;

import com.google.protobuf.ByteString;
import java.util.concurrent.CompletableFuture;

/// Takes envelopes from clients.
public interface BroadcastService {
    /// Orders one envelope. Called on a virtual thread, one call at a time per stream in the order received;
    /// while it blocks, its stream takes no further envelope, so slow work belongs behind the future. Futures may
    /// complete in any order and on any thread.
    ///
    /// A future that fails with [org.holdfast.wire.Refusal.Refused] answers with its status and text; any other
    /// failure answers 500.
    CompletableFuture<BroadcastAnswer> broadcast(ByteString envelopeBytes, Peer peer);
}
