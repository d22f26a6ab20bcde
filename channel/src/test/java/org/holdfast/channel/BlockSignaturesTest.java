package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import org.holdfast.wire.BlockHeader;
import org.hyperledger.fabric.protos.common.Block;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Oracle: blocks that two real orderers (2.5.12) of one channel delivered.
class BlockSignaturesTest {
    @ParameterizedTest
    @ValueSource(strings = {"orderer1", "orderer2"})
    void everyRecordedBlockIsSignedAsItsPolicyAsks(String orderer) {
        ChannelConfig config = Golden.config("blocks/genesis-2.5-blkch.block");
        BlockHeader previous = Golden.header(Golden.block("blocks/genesis-2.5-blkch.block"));
        for (int number = 1; number <= 7; number++) {
            String path = "blocks/blkch/%s/%02d.block".formatted(orderer, number);
            Block block = Golden.block(path);
            BlockHeader header = Golden.header(block);
            assertThat(header)
                    .isEqualTo(BlockHeader.after(previous, block.getData().getDataList()));
            PolicyVerdict verdict =
                    BlockSignatures.verify(config, header, block.getMetadata().getMetadata(0));
            assertThat(verdict.satisfied()).as("%s: %s", path, verdict).isTrue();
            if (number == 3 || number == 5 || number == 7) {
                config = Golden.config(path);
            }
            previous = header;
        }
        assertThat(config.sequence()).isEqualTo(3);
    }

    @Test
    void aSignatureOverAnotherHeaderIsNotEnough() {
        ChannelConfig config = Golden.config("blocks/genesis-2.5-blkch.block");
        Block block = Golden.block("blocks/blkch/orderer1/01.block");
        BlockHeader header = Golden.header(block);
        BlockHeader other = new BlockHeader(header.number() + 1, header.previousHash(), header.dataHash());
        ByteString slot = block.getMetadata().getMetadata(0);
        assertThat(BlockSignatures.verify(config, other, slot).satisfied()).isFalse();
        assertThat(BlockSignatures.verify(config, header, ByteString.EMPTY).satisfied())
                .isFalse();
    }
}
