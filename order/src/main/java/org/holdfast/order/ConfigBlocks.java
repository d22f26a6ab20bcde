package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Optional;
import org.holdfast.env.Invariant;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.LastConfig;
import org.hyperledger.fabric.protos.common.Metadata;
import org.hyperledger.fabric.protos.common.OrdererBlockMetadata;

/// Finds the config blocks of a ledger. Every block names the newest one (Fabric: metadata slot 0, or slot 1 when
/// slot 0 has no value), so the config in force behind any block is found from that block alone.
public final class ConfigBlocks {
    private ConfigBlocks() {}

    /// The newest config block: its config is in force behind the ledger's newest block.
    ///
    /// @param ledger holds at least block 0
    public static StoredBlock newest(Ledger ledger) {
        return ledger.block(named(ledger.block(ledger.height() - 1)));
    }

    /// Whether a config that was put in force after config `since` came from this very update.
    ///
    /// @param update envelope of type CONFIG_UPDATE
    static boolean holds(Ledger ledger, ByteString update, long since) {
        StoredBlock block = newest(ledger);
        while (block.number() > 0) {
            ConfigEnvelope config = content(block);
            if (config.getConfig().getSequence() <= since) {
                return false;
            }
            if (config.getLastUpdate().toByteString().equals(update)) {
                return true;
            }
            block = ledger.block(named(ledger.block(block.number() - 1)));
        }
        return false;
    }

    /// The CONFIG envelope of a block's data; it stands alone.
    static Optional<ByteString> config(List<ByteString> data) {
        return data.size() == 1 && isConfig(data.getFirst()) ? Optional.of(data.getFirst()) : Optional.empty();
    }

    private static boolean isConfig(ByteString envelope) {
        try {
            return EnvelopeView.of(envelope).channelHeader().getType() == HeaderType.CONFIG_VALUE;
        } catch (InvalidProtocolBufferException noEnvelope) {
            return false; // sized and stored like any other by every member
        }
    }

    private static ConfigEnvelope content(StoredBlock block) {
        try {
            EnvelopeView envelope = EnvelopeView.of(block.view().data().getFirst());
            return Decode.aliasing(ConfigEnvelope.parser(), envelope.data());
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("stored config block %d does not decode: %s", block.number(), Decode.reason(e));
        }
    }

    static long named(StoredBlock block) {
        try {
            BlockView view = block.view();
            Metadata signatures = Decode.aliasing(Metadata.parser(), view.slot(0));
            if (!signatures.getValue().isEmpty()) {
                return Decode.aliasing(OrdererBlockMetadata.parser(), signatures.getValue())
                        .getLastConfig()
                        .getIndex();
            }
            Metadata last = Decode.aliasing(Metadata.parser(), view.slot(1));
            return Decode.aliasing(LastConfig.parser(), last.getValue()).getIndex();
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("metadata of stored block %d does not decode: %s", block.number(), Decode.reason(e));
        }
    }
}
