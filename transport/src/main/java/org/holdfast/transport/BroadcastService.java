package org.holdfast.transport;

import com.google.protobuf.ByteString;
import java.util.concurrent.CompletableFuture;

/// Takes envelopes from clients.
public interface BroadcastService {
    /// Orders one envelope. Called on the event loop that reads the connection, one call at a time per stream in the
    /// order received: it must not block, slow work belongs behind the future. Futures may complete in any order and
    /// on any thread.
    ///
    /// A future that fails with [org.holdfast.wire.Refusal.Refused] answers with its status and text; any other
    /// failure answers 500.
    CompletableFuture<BroadcastAnswer> broadcast(ByteString envelopeBytes, Peer peer);
}
