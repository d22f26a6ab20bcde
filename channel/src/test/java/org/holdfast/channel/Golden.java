package org.holdfast.channel;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.holdfast.identity.Crypto;
import org.holdfast.wire.BlockHeader;
import org.hyperledger.fabric.protos.common.Block;

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
}
