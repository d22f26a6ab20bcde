package org.holdfast.transport;

import java.security.PublicKey;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.holdfast.wire.proto.BlocksRequest;
import org.holdfast.wire.proto.RendezvousReply;
import org.holdfast.wire.proto.RendezvousRequest;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;

/// A node's link to one member, over one connection that is made when first needed and made again after it
/// breaks.
@SuppressWarnings("DoNotCallSuggester")
public final class Link implements AutoCloseable {
    private Link() {}

    /// A link; nothing is connected yet.
    ///
    /// @param serverKey the member's TLS public key; no other server is spoken to
    public static Link to(NetThreads threads, Target target, TlsKeys keys, PublicKey serverKey) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Asks who the member is and where its engine listens. Blocks a virtual thread up to the deadline.
    ///
    /// @throws LinkBroken when it cannot be reached in time; throws [org.holdfast.wire.Refusal.Refused] when it
    ///     refuses
    public RendezvousReply rendezvous(RendezvousRequest request, Duration deadline) throws LinkBroken {
        throw new LinkBroken("not built yet", null);
    }

    /// Hands a record to the member, over one stream shared by all callers. Never blocks, never completes
    /// exceptionally. The id is set by the link. Beside what the member answers, the outcome is
    /// - `AMBIGUOUS` when the stream broke after the request may have been sent,
    /// - `NOT_LEADER` when it was certainly not sent: the member cannot be reached,
    /// - `REFUSED` with code `OVERLOADED` when too much is in flight on this link.
    public CompletableFuture<SubmitReply> submit(SubmitRequest request) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Asks for stored blocks. [BlockStream#next] throws [org.holdfast.wire.Refusal.Refused] when the member
    /// refuses.
    public BlockStream blocks(BlocksRequest request) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Ends the link; what is waiting completes as when the stream breaks.
    @Override
    public void close() {}
}
