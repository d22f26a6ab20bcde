package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import org.holdfast.channel.BlockSignatures;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.channel.PolicyVerdict;
import org.holdfast.identity.Crypto;
import org.holdfast.ledger.BlockBytes;
import org.holdfast.ledger.BlockCheck;
import org.holdfast.ledger.BlockView;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.jspecify.annotations.Nullable;

/// Checks each block's signatures against the channel config valid before it. The first config is taken on trust: a
/// genesis block carries no signature. Sees a ledger's blocks in order; belongs to one thread.
final class SignatureCheck implements BlockCheck {
    private static final int SIGNATURES = 0;

    private final Crypto crypto;
    private @Nullable ChannelConfig config;
    private long verified;

    SignatureCheck(Crypto crypto) {
        this.crypto = crypto;
    }

    /// Blocks whose signatures were good.
    long verified() {
        return verified;
    }

    @Override
    public Optional<String> fault(BlockHeader header, BlockView block) {
        if (header.number() != 0 && config != null) {
            PolicyVerdict verdict = BlockSignatures.verify(config, header, block.slot(SIGNATURES));
            if (!verdict.satisfied()) {
                return Optional.of("its signatures do not satisfy the channel's policy: " + verdict.reason());
            }
            verified++;
        }
        return carriesConfig(block) ? take(header, block) : Optional.empty();
    }

    private Optional<String> take(BlockHeader header, BlockView block) {
        try {
            ByteString bytes = BlockBytes.encode(header, block.data(), block.metadata());
            config = ChannelConfig.fromBlock(bytes, crypto);
            return Optional.empty();
        } catch (MalformedConfig e) {
            return Optional.of("its channel configuration is unreadable: " + Decode.reason(e));
        }
    }

    private static boolean carriesConfig(BlockView block) {
        if (block.data().size() != 1) {
            return false;
        }
        try {
            return EnvelopeView.of(block.data().getFirst()).channelHeader().getType() == HeaderType.CONFIG_VALUE;
        } catch (InvalidProtocolBufferException noEnvelope) {
            return false;
        }
    }
}
