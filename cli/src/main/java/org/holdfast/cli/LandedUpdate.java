package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import java.util.OptionalLong;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;

/// Finds the config block that an update has become. Updates of different things do not hinder each other, so others'
/// may stand before it and behind it: the channel's newest config says nothing of one of them.
final class LandedUpdate {
    private LandedUpdate() {}

    /// Looks through the config blocks, from the newest back.
    ///
    /// @param since the config that the update was made for
    /// @param update serialized `ConfigUpdate`
    /// @return the config it made; empty when it is not in the ledger
    static Optional<LiveConfig> find(Session session, Client client, ChannelConfig since, ByteString update) {
        LiveConfig at = LiveConfig.now(session, client);
        while (at.config().blockNumber() > since.blockNumber()) {
            if (carries(at, update)) {
                return Optional.of(at);
            }
            at = LiveConfig.at(session, client, OptionalLong.of(at.config().blockNumber() - 1));
        }
        return Optional.empty();
    }

    private static boolean carries(LiveConfig config, ByteString update) {
        try {
            return ConfigUpdateEnvelope.parseFrom(
                            EnvelopeView.of(config.update()).data())
                    .getConfigUpdate()
                    .equals(update);
        } catch (InvalidProtocolBufferException e) {
            throw CommandFault.failed(
                    "the update in config block %d cannot be decoded: %s",
                    config.config().blockNumber(), Decode.reason(e));
        }
    }
}
