package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.env.Invariant;
import org.holdfast.identity.Crypto;
import org.holdfast.ledger.BlockBytes;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.HeaderType;

/// Stops the channel before a block that changes its config: this version orders under the config it was opened with,
/// and behind such a block it would judge and cut by rules that no longer hold. Members of a newer version may order
/// one. The ledger stays below it, so that an upgraded program goes on from there.
final class ConfigBlocks {
    private final Crypto crypto;

    ConfigBlocks(Crypto crypto) {
        this.crypto = crypto;
    }

    /// Looks at a block that is about to be appended. A config stands alone in its block.
    void look(long number, List<ByteString> data) {
        if (data.size() == 1 && isConfig(data.getFirst())) {
            throw Invariant.broken(
                    "block %d changes the channel's config, and this node cannot follow: %s",
                    number, why(number, data));
        }
    }

    private static boolean isConfig(ByteString envelope) {
        try {
            return EnvelopeView.of(envelope).channelHeader().getType() == HeaderType.CONFIG_VALUE;
        } catch (InvalidProtocolBufferException noEnvelope) {
            return false; // sized and stored like any other by every member
        }
    }

    private String why(long number, List<ByteString> data) {
        ByteString block =
                BlockBytes.encode(new BlockHeader(number, ByteString.EMPTY, ByteString.EMPTY), data, List.of());
        try {
            return ("config %d is readable, and this version does not take config updates: upgrade this node to one"
                            + " that does, other channels go on")
                    .formatted(ChannelConfig.fromBlock(block, crypto).sequence());
        } catch (MalformedConfig e) {
            return String.valueOf(e.getMessage());
        }
    }
}
