package org.holdfast.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

/// `AtomicBroadcast.Broadcast`: an envelope in, its status out once it is ordered or refused. Holds no state.
final class BroadcastDoor implements BroadcastService {
    private final Channels channels;

    BroadcastDoor(Channels channels) {
        this.channels = channels;
    }

    @Override
    public CompletableFuture<BroadcastAnswer> broadcast(ByteString envelopeBytes, Peer peer) {
        EnvelopeView envelope;
        try {
            envelope = EnvelopeView.of(envelopeBytes);
        } catch (InvalidProtocolBufferException e) {
            return refused(Refusal.of(Code.MALFORMED_ENVELOPE, "the envelope cannot be decoded: %s", Decode.reason(e)));
        }
        String name = envelope.channelHeader().getChannelId();
        Optional<Orderer> orderer = ChannelId.isValid(name) ? channels.find(new ChannelId(name)) : Optional.empty();
        if (orderer.isEmpty()) {
            // The words Fabric's clients know for it; there is no system channel here.
            return refused(Refusal.of(
                    Code.UNKNOWN_CHANNEL,
                    "channel '%s' is not on this node: channel creation request not allowed because the orderer system"
                            + " channel is not defined",
                    name));
        }
        return orderer.get().offer(envelope).handle((done, failure) -> answer(failure));
    }

    private static BroadcastAnswer answer(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
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
