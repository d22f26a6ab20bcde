package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigChange;
import org.holdfast.channel.ConfigUpdates;
import org.holdfast.env.Invariant;
import org.holdfast.identity.Crypto;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.SeatTakeover;

/// A channel's config and the rules by which the next one follows it.
///
/// What this program can judge and finds wrong is refused, on every node alike. What it cannot go by, although it may
/// be right (another list of consenters, another engine, features of a later program), halts the channel here: a member
/// that can go by it goes on, and an upgraded program takes up where this one stopped.
record FollowedConfig(ChannelConfig config, Cutter.Rules rules, Crypto crypto) implements CutterConfig {
    static FollowedConfig of(ChannelConfig config, Crypto crypto) {
        return new FollowedConfig(
                config,
                new Cutter.Rules(
                        config.sequence(),
                        config.batchSize().maxMessages(),
                        config.batchSize().preferredMaxBytes(),
                        config.batchSize().absoluteMaxBytes()),
                crypto);
    }

    @Override
    public FollowedConfig after(ByteString envelope, long blockNumber, long timeMillis) {
        EnvelopeView view;
        try {
            view = EnvelopeView.of(envelope);
        } catch (InvalidProtocolBufferException e) {
            throw Refusal.of(Code.MALFORMED_ENVELOPE, "the config cannot be decoded: %s", Decode.reason(e))
                    .asException();
        }
        ChannelConfig next = ConfigUpdates.of(config).validate(view, blockNumber, timeMillis);
        ConfigChange change = ConfigChange.between(config, next);
        if (change.consenters() || change.type() || !next.hazards().isEmpty()) {
            throw Invariant.broken(
                    "block %d changes the channel's config, and this node cannot follow: config %d %s; upgrade this"
                            + " node to a version that can, other channels go on",
                    blockNumber, next.sequence(), why(change, next));
        }
        return of(next, crypto);
    }

    private static String why(ConfigChange change, ChannelConfig next) {
        if (change.type()) {
            return "orders the channel by " + next.consensusType();
        }
        return change.consenters() ? "has other consenters" : String.join("; ", next.hazards());
    }

    @Override
    public boolean signed(SeatTakeover takeover) {
        return Takeovers.signed(config.id(), config.consenters(), crypto, takeover);
    }
}
