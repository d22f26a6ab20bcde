package org.holdfast.channel;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.function.Consumer;
import org.holdfast.identity.Crypto;
import org.holdfast.wire.BlockHeader;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.BlockData;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Payload;

/// Recorded from real Fabric 2.5.12 (and 2.2.15) orderers: `src/test/resources/fabric`.
final class Golden {
    static final Crypto CRYPTO = Crypto.choose();

    private Golden() {}

    static ByteString bytes(String path) {
        try (InputStream in = Golden.class.getResourceAsStream("/fabric/" + path)) {
            return ByteString.readFrom(Objects.requireNonNull(in, path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ChannelConfig config(String path) {
        return ChannelConfig.fromBlock(bytes(path), CRYPTO);
    }

    static Block block(String path) {
        try {
            return Block.parseFrom(bytes(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static BlockHeader header(Block block) {
        var header = block.getHeader();
        return new BlockHeader(header.getNumber(), header.getPreviousHash(), header.getDataHash());
    }

    /// A config block with another tree.
    static ByteString changed(ByteString bytes, Consumer<ConfigGroup.Builder> change) {
        try {
            Block block = Block.parseFrom(bytes);
            Payload payload = Payload.parseFrom(
                    Envelope.parseFrom(block.getData().getData(0)).getPayload());
            ConfigEnvelope.Builder config = ConfigEnvelope.parseFrom(payload.getData()).toBuilder();
            change.accept(config.getConfigBuilder().getChannelGroupBuilder());
            ByteString data = Envelope.newBuilder()
                    .setPayload(payload.toBuilder()
                            .setData(config.build().toByteString())
                            .build()
                            .toByteString())
                    .build()
                    .toByteString();
            return block.toBuilder()
                    .setData(BlockData.newBuilder().addData(data))
                    .build()
                    .toByteString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
