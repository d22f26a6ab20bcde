package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.BlockData;
import org.hyperledger.fabric.protos.common.BlockMetadata;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Config;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.LastConfig;
import org.hyperledger.fabric.protos.common.Metadata;
import org.hyperledger.fabric.protos.common.OrdererBlockMetadata;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// Block 0 of a new application channel, as Fabric's `configtxgen` shapes it: one unsigned CONFIG envelope.
public final class Genesis {
    private static final int NONCE_BYTES = 24;
    private static final int SLOTS = 5;

    private Genesis() {}

    /// Makes the block and reads it back.
    ///
    /// @return serialized `common.Block`
    /// @throws MalformedConfig listing what the plan lacks
    public static ByteString block(GenesisPlan plan, World world, Crypto crypto) {
        List<String> faults = new ArrayList<>();
        if (plan.orderers().isEmpty()) {
            faults.add("the plan has no orderer organisation");
        }
        if (plan.consenters().isEmpty()) {
            faults.add("the plan has no consenter");
        }
        if (!faults.isEmpty()) {
            throw new MalformedConfig(faults);
        }
        return block(plan.channel(), GenesisTree.of(plan), world, crypto);
    }

    /// Makes the block of a new channel whose config is another one's, with every version 0 again.
    ///
    /// @param channel the new channel
    /// @param tree the group `/Channel` of the other one, perhaps edited
    /// @throws MalformedConfig listing what is wrong with the tree
    public static ByteString like(ChannelId channel, ConfigGroup tree, World world, Crypto crypto) {
        return block(channel, ConfigDifference.unversioned(tree), world, crypto);
    }

    /// Makes the block of a tree and reads it back.
    ///
    /// @throws MalformedConfig listing what is wrong with the tree
    static ByteString block(ChannelId channel, ConfigGroup tree, World world, Crypto crypto) {
        ByteString made = build(channel, tree, world);
        ChannelConfig config = ChannelConfig.fromBlock(made, crypto);
        // Another type is a hazard to us only: Fabric 2.2 orders the channel.
        if (config.consensusType().equals(RaftMetadata.TYPE)
                && !config.hazards().isEmpty()) {
            throw new MalformedConfig(config.hazards());
        }
        return made;
    }

    private static ByteString build(ChannelId channel, ConfigGroup tree, World world) {
        ByteString data = ConfigEnvelope.newBuilder()
                .setConfig(Config.newBuilder().setChannelGroup(tree))
                .build()
                .toByteString();
        byte[] nonce = new byte[NONCE_BYTES];
        world.chance().nextBytes(nonce);
        // Fabric's transaction id: SHA-256 of nonce and creator; a genesis block has no creator.
        String transaction = HexFormat.of().formatHex(BlockHeader.sha256().digest(nonce));
        ByteString channelHeader = ChannelHeader.newBuilder()
                .setType(HeaderType.CONFIG_VALUE)
                .setVersion(1)
                .setTimestamp(Timestamp.newBuilder()
                        .setSeconds(Math.floorDiv(world.clock().wallMillis(), 1000L)))
                .setChannelId(channel.name())
                .setTxId(transaction)
                .build()
                .toByteString();
        ByteString signatureHeader = SignatureHeader.newBuilder()
                .setNonce(ByteString.copyFrom(nonce))
                .build()
                .toByteString();
        ByteString envelope = Envelope.newBuilder()
                .setPayload(Payload.newBuilder()
                        .setHeader(Header.newBuilder()
                                .setChannelHeader(channelHeader)
                                .setSignatureHeader(signatureHeader))
                        .setData(data)
                        .build()
                        .toByteString())
                .build()
                .toByteString();
        return block(envelope);
    }

    private static ByteString block(ByteString envelope) {
        ByteString value = OrdererBlockMetadata.newBuilder()
                .setLastConfig(LastConfig.getDefaultInstance())
                .build()
                .toByteString();
        BlockMetadata.Builder slots = BlockMetadata.newBuilder()
                .addMetadata(Metadata.newBuilder().setValue(value).build().toByteString());
        while (slots.getMetadataCount() < SLOTS) {
            slots.addMetadata(ByteString.EMPTY);
        }
        return Block.newBuilder()
                .setHeader(org.hyperledger.fabric.protos.common.BlockHeader.newBuilder()
                        .setDataHash(BlockHeader.dataHash(List.of(envelope))))
                .setData(BlockData.newBuilder().addData(envelope))
                .setMetadata(slots)
                .build()
                .toByteString();
    }
}
