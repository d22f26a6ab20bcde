package org.holdfast.transport;

import java.util.concurrent.CompletableFuture;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.Answer;
import org.holdfast.wire.proto.BlocksRequest;
import org.holdfast.wire.proto.CheckpointRequest;
import org.holdfast.wire.proto.Question;
import org.holdfast.wire.proto.RendezvousReply;
import org.holdfast.wire.proto.RendezvousRequest;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;

/// What members ask of each other. The peer's key is pinned and its seat known; whether that seat belongs to the
/// channel, and to the member id in the request, is the service's to check.
///
/// A thrown [org.holdfast.wire.Refusal.Refused] reaches the caller as the same refusal.
public interface ClusterService {
    /// Says who this node is in a channel and where its engine listens. Called on a virtual thread.
    RendezvousReply rendezvous(RendezvousRequest request, Peer peer);

    /// Appends a record for another member. Called on a virtual thread in the order received; replies may
    /// complete in any order. The reply's id is set by the transport.
    CompletableFuture<SubmitReply> submit(SubmitRequest request, Peer peer);

    /// Sends stored blocks, on a virtual thread of its own; the flow ends well when it returns.
    void blocks(BlocksRequest request, Peer peer, BlockSink sink) throws ReaderGone;

    /// Sends a checkpoint of a shard's state as parts (serialized CheckpointPart messages), on a virtual thread of its
    /// own; the flow ends well when it returns. A service without states refuses.
    default void checkpoint(CheckpointRequest request, Peer peer, PartSink sink) throws ReaderGone {
        throw Refusal.of(Code.SHARD_NOT_HERE, "this node gives no checkpoints").asException();
    }

    /// Answers something small about a channel. Called on a virtual thread; the answer may come later, and is dropped
    /// when the member no longer waits for it.
    CompletableFuture<Answer> ask(Question question, Peer peer);
}
