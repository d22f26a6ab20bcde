package org.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import org.holdfast.wire.BlockHeader;
import org.hyperledger.fabric.protos.common.Block;

/// Blocks as other nodes send them and operators hand them in.
class BlockFuzzTest {
    /// A serialized block. Oracle: protobuf's generated parser accepts the same bytes and reads the same from them; a
    /// block that is built again from its parts reads the same.
    @FuzzTest
    void block(byte[] input) throws InvalidProtocolBufferException {
        ByteString bytes = ByteString.copyFrom(input);
        BlockView view;
        try {
            view = BlockView.of(bytes);
        } catch (InvalidProtocolBufferException refused) {
            // Stricter in two points: one header only, and no eleven-byte number in a field nobody knows.
            String reason = String.valueOf(refused.getMessage());
            boolean stricter = reason.contains("two headers") || reason.contains("malformed varint");
            assertThat(whole(input) && !stricter)
                    .as("protobuf reads it: %s", reason)
                    .isFalse();
            return;
        }
        Block block = Block.parseFrom(input);
        assertThat(view.data()).isEqualTo(block.getData().getDataList());
        assertThat(view.metadata()).isEqualTo(block.getMetadata().getMetadataList());
        BlockHeader header = new BlockHeader(
                block.getHeader().getNumber(),
                block.getHeader().getPreviousHash(),
                block.getHeader().getDataHash());
        assertThat(view.header()).isEqualTo(header);
        StoredBlock stored = StoredBlock.of(bytes);
        assertThat(stored.header()).isEqualTo(header);
        assertThat(stored.view()).isEqualTo(view);
        assertThat(view.dataHashHolds()).isEqualTo(stored.view().dataHashHolds());
        assertThat(view.slot(7)).isNotNull();
        ByteString built = BlockBytes.encode(view.header(), view.data(), view.metadata());
        assertThat(BlockView.of(built)).isEqualTo(view);
        assertThat(BlockView.of(built).header().hash()).isEqualTo(view.header().hash());
    }

    private static boolean whole(byte[] input) {
        try {
            return Block.parseFrom(input).hasHeader();
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }
}
