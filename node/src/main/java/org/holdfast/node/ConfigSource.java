package org.holdfast.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.env.Clock;
import org.holdfast.identity.Crypto;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.ConfigBlocks;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the configs that this node orders by, from blocks given to it and from its ledgers. Safe from any thread.
final class ConfigSource {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigSource.class);

    private final Crypto crypto;
    private final Clock clock;

    ConfigSource(Crypto crypto, Clock clock) {
        this.crypto = crypto;
        this.clock = clock;
    }

    /// The config behind a ledger's newest block.
    ChannelConfig inForce(Ledger ledger) {
        return read(ConfigBlocks.newest(ledger).bytes());
    }

    /// A config block's config, and a line for whatever its operators should look after.
    ///
    /// @throws Refusal.Refused when it is none, or cannot be ordered under
    ChannelConfig read(ByteString block) {
        try {
            ChannelConfig config = ChannelConfig.fromBlock(block, crypto);
            warn(config);
            if (!config.hazards().isEmpty()) {
                throw Refusal.of(
                                Code.MALFORMED_ENVELOPE,
                                "this config cannot be ordered under: %s",
                                String.join("; ", config.hazards()))
                        .asException();
            }
            return config;
        } catch (MalformedConfig e) {
            throw Refusal.of(Code.MALFORMED_ENVELOPE, "not a usable config block: %s", Decode.reason(e))
                    .asException();
        }
    }

    void warn(ChannelConfig config) {
        config.warnings(clock.wallMillis()).forEach(text -> LOG.warn("Channel {}: {}", config.id(), text));
    }

    /// @throws Refusal.Refused when it is not block 0
    static StoredBlock genesis(ByteString block) {
        try {
            StoredBlock genesis = StoredBlock.of(block);
            if (genesis.number() == 0) {
                return genesis;
            }
            throw Refusal.of(Code.MALFORMED_ENVELOPE, "block %d is not a genesis block", genesis.number())
                    .asException();
        } catch (InvalidProtocolBufferException e) {
            throw Refusal.of(Code.MALFORMED_ENVELOPE, "not a block: %s", Decode.reason(e))
                    .asException();
        }
    }
}
