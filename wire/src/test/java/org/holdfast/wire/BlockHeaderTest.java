package org.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.wire.proto.ConsenterMetadata;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.BlockMetadataIndex;
import org.hyperledger.fabric.protos.common.Metadata;
import org.hyperledger.fabric.protos.common.OrdererBlockMetadata;
import org.junit.jupiter.api.Test;

/// Oracle: blocks 0 to 4 of a channel of Fabric orderer 2.5.12, and what its own tools said about them (`facts.tsv`).
class BlockHeaderTest {
    private record Fact(Block block, String previous, String data, String der, String hash, String consenterMetadata) {
        static Fact of(String line) {
            String[] f = line.split("\t", -1);
            try {
                Block block = Block.parseFrom(Golden.bytes("blocks/" + f[0]));
                assertThat(block.getHeader().getNumber()).isEqualTo(Long.parseLong(f[1]));
                assertThat(block.getData().getDataCount()).isEqualTo(Integer.parseInt(f[6]));
                return new Fact(block, plain(f[2]), f[3], f[4], f[5], plain(f[7]));
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(line, e);
            }
        }

        private static String plain(String field) {
            return field.equals("-") ? "" : field;
        }

        BlockHeader header() {
            var header = block.getHeader();
            return new BlockHeader(header.getNumber(), header.getPreviousHash(), header.getDataHash());
        }
    }

    private final List<Fact> facts =
            Golden.lines("blocks/facts.tsv").stream().map(Fact::of).toList();

    @Test
    void headersAndHashesAreFabrics() {
        assertThat(facts).hasSize(5);
        for (Fact fact : facts) {
            BlockHeader header = fact.header();
            assertThat(hex(header.previousHash())).isEqualTo(fact.previous());
            assertThat(HexFormat.of().formatHex(header.der())).isEqualTo(fact.der());
            assertThat(hex(header.hash())).isEqualTo(fact.hash());
            assertThat(hex(BlockHeader.dataHash(fact.block().getData().getDataList())))
                    .isEqualTo(fact.data());
        }
    }

    @Test
    void eachHeaderFollowsTheOneBefore() {
        for (int i = 1; i < facts.size(); i++) {
            List<ByteString> data = facts.get(i).block().getData().getDataList();
            assertThat(BlockHeader.after(facts.get(i - 1).header(), data))
                    .isEqualTo(facts.get(i).header());
        }
    }

    @Test
    void numbersAreUnsigned() {
        assertThat(HexFormat.of().formatHex(new BlockHeader(-1, ByteString.EMPTY, ByteString.EMPTY).der()))
                .isEqualTo("300f" + "020900ffffffffffffffff" + "0400" + "0400");
        assertThat(HexFormat.of().formatHex(new BlockHeader(128, ByteString.EMPTY, ByteString.EMPTY).der()))
                .isEqualTo("3008" + "02020080" + "0400" + "0400");
    }

    @Test
    void longFieldsHaveLongLengths() {
        ByteString long200 = ByteString.copyFrom(new byte[200]);
        ByteString long300 = ByteString.copyFrom(new byte[300]);
        assertThat(HexFormat.of().formatHex(new BlockHeader(1, long200, long300).der()))
                .startsWith("308201fe" + "020101" + "0481c8")
                .contains("0482012c");
    }

    @Test
    void anotherPartitionOfTheSameBytesHashesAlike() {
        ByteString whole = ByteString.copyFromUtf8("one and two");
        assertThat(BlockHeader.dataHash(List.of(whole.substring(0, 4), whole.substring(4))))
                .isEqualTo(BlockHeader.dataHash(List.of(whole)));
    }

    @Test
    void fabricsConsenterMetadataReadsAsOurs() throws InvalidProtocolBufferException {
        for (Fact fact : facts) {
            ByteString slot = fact.block().getMetadata().getMetadata(BlockMetadataIndex.SIGNATURES_VALUE);
            ByteString value = Metadata.parseFrom(slot).getValue();
            ByteString wrapped = OrdererBlockMetadata.parseFrom(value).getConsenterMetadata();
            ByteString consenter = Metadata.parseFrom(wrapped).getValue();
            assertThat(hex(consenter)).isEqualTo(fact.consenterMetadata());
            ConsenterMetadata ours = ConsenterMetadata.parseFrom(consenter);
            assertThat(ours.toByteString()).isEqualTo(consenter);
            assertThat(ours.hasProgress()).isFalse();
            if (fact.header().number() > 0) {
                assertThat(ours.getConsenterIdsList()).containsExactly(1L, 2L, 3L);
                assertThat(ours.getNextConsenterId()).isEqualTo(4);
            }
        }
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
