package org.holdfast.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.holdfast.channel.Admission;
import org.holdfast.keyspace.CommandEnvelope;
import org.holdfast.order.Orderer;
import org.holdfast.transport.BroadcastAnswer;
import org.holdfast.transport.BroadcastService;
import org.holdfast.transport.Peer;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.Refusal.Refused;
import org.jspecify.annotations.Nullable;

/// `AtomicBroadcast.Broadcast`: an envelope in, its status out once it is ordered or refused. Holds no state.
///
/// An answer's text begins with the refusal's number and holds the phrase that Fabric's clients know for the case.
final class BroadcastDoor implements BroadcastService {
    private final Function<ChannelId, Optional<Orderer>> channels;

    /// @param channels the open channels of this node
    BroadcastDoor(Function<ChannelId, Optional<Orderer>> channels) {
        this.channels = channels;
    }

    @Override
    public CompletableFuture<BroadcastAnswer> broadcast(ByteString envelopeBytes, Peer peer) {
        EnvelopeView envelope;
        try {
            envelope = Admission.framed(EnvelopeView.of(envelopeBytes));
        } catch (InvalidProtocolBufferException e) {
            return malformed(HeaderFault.of(envelopeBytes).orElseGet(() -> Decode.reason(e)));
        }
        String name = envelope.channelHeader().getChannelId();
        Optional<Orderer> orderer = ChannelId.isValid(name) ? channels.apply(new ChannelId(name)) : Optional.empty();
        if (orderer.isEmpty()) {
            return noSuchChannel(envelope, name);
        }
        if (CommandEnvelope.is(envelope)) {
            // What a node made and somebody read would be applied twice.
            return refused(Refusal.of(
                    Code.TYPE_NOT_SUBMITTABLE,
                    "message is of type that cannot be processed directly: commands go to a node's Redis door"));
        }
        return orderer.get().offer(envelope).handle((done, failure) -> answer(failure));
    }

    private static CompletableFuture<BroadcastAnswer> malformed(String why) {
        return refused(Refusal.of(Code.MALFORMED_ENVELOPE, "the envelope cannot be decoded: %s", why));
    }

    private static CompletableFuture<BroadcastAnswer> noSuchChannel(EnvelopeView envelope, String name) {
        Optional<String> fault = name.isEmpty() ? HeaderFault.of(envelope.bytes()) : Optional.empty();
        if (fault.isPresent()) {
            return malformed(fault.get());
        }
        // The words Fabric's clients know for it; there is no system channel here.
        return refused(Refusal.of(
                Code.UNKNOWN_CHANNEL,
                "channel '%s' is not on this node: channel creation request not allowed because the orderer system"
                        + " channel is not defined",
                name));
    }

    private static BroadcastAnswer answer(@Nullable Throwable failure) {
        Throwable cause = failure == null ? null : Decode.cause(failure);
        if (cause == null) {
            return BroadcastAnswer.OK;
        }
        if (cause instanceof Refused refused) {
            return answer(refused.refusal());
        }
        throw new CompletionException(cause);
    }

    private static CompletableFuture<BroadcastAnswer> refused(Refusal refusal) {
        return CompletableFuture.completedFuture(answer(refusal));
    }

    private static BroadcastAnswer answer(Refusal refusal) {
        return new BroadcastAnswer(refusal.code().status(), refusal.toString());
    }
}
