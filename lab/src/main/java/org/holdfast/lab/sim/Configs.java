package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Optional;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.orderer.BatchSize;

/// Reads the configs that blocks carry, for the rules.
final class Configs {
    private Configs() {}

    /// The config that a block's data put in force, if any.
    static Optional<ConfigEnvelope> of(List<ByteString> data) {
        return data.size() == 1 ? of(Charter.view(data.getFirst())) : Optional.empty();
    }

    static boolean is(EnvelopeView envelope) {
        return envelope.channelHeader().getType() == HeaderType.CONFIG_VALUE;
    }

    /// What a client sent for this to be ordered: for a config, the update.
    static ByteString offered(ByteString envelope) {
        return of(Charter.view(envelope))
                .map(config -> config.getLastUpdate().toByteString())
                .orElse(envelope);
    }

    /// Limits of the blocks under a config.
    static BatchSize limits(ConfigEnvelope config) {
        try {
            return BatchSize.parseFrom(config.getConfig()
                    .getChannelGroup()
                    .getGroupsOrThrow("Orderer")
                    .getValuesOrThrow("BatchSize")
                    .getValue());
        } catch (InvalidProtocolBufferException e) {
            throw new Violation("SameConfig", "a config's limits do not decode", e);
        }
    }

    private static Optional<ConfigEnvelope> of(EnvelopeView envelope) {
        try {
            return is(envelope)
                    ? Optional.of(Decode.aliasing(ConfigEnvelope.parser(), envelope.data()))
                    : Optional.empty();
        } catch (InvalidProtocolBufferException e) {
            throw new Violation("SameConfig", "a config does not decode", e);
        }
    }
}
