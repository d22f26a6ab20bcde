package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Metadata;
import org.hyperledger.fabric.protos.common.OrdererBlockMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Every recorded block decodes, hashes and verifies as its facts say. Oracle: `facts.json`, read back from the blocks
/// of orderers 2.5.12 (`blocks`) and 2.2.15 (`kafka2raft`) with Fabric's own tools.
class RecordedBlocksTest {
    /// A channel's recorded blocks in order, and where their files are.
    record Recorded(String name, String directory, JsonNode blocks) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Recorded> channels() {
        JsonNode first = facts("blocks/facts.json");
        JsonNode migrated = facts("kafka2raft/facts.json").get("channels");
        return Stream.of(
                new Recorded("genesis", "blocks/", first.get("genesis")),
                new Recorded("blkch", "blocks/", first.get("blkch")),
                new Recorded("syskafka", "kafka2raft/", migrated.get("syskafka")),
                new Recorded("kapp", "kafka2raft/", migrated.get("kapp")));
    }

    private static JsonNode facts(String path) {
        return JsonMapper.shared().readTree(Golden.bytes(path).toByteArray());
    }

    @ParameterizedTest
    @MethodSource("channels")
    void everyBlockIsWhatTheFactsSay(Recorded channel) throws IOException {
        int read = 0;
        for (JsonNode fact : channel.blocks()) {
            if (!fact.path("file").isString()) {
                continue;
            }
            Block block = Block.parseFrom(
                    Golden.bytes(channel.directory() + fact.get("file").asString()));
            BlockHeader header = Golden.header(block);
            assertThat(header.number()).isEqualTo(fact.get("number").asLong());
            assertThat(hex(header.previousHash()))
                    .isEqualTo(fact.get("previous_hash").asString());
            assertThat(hex(header.dataHash())).isEqualTo(fact.get("data_hash").asString());
            assertThat(HexFormat.of().formatHex(header.der()))
                    .isEqualTo(fact.get("header_der").asString());
            assertThat(hex(header.hash())).isEqualTo(fact.get("header_hash").asString());
            List<ByteString> data = block.getData().getDataList();
            if (!data.isEmpty()) {
                assertThat(BlockHeader.dataHash(data)).isEqualTo(header.dataHash());
                assertThat(types(data)).isEqualTo(numbers(fact.get("tx_types")));
            }
            metadata(block, fact);
            read++;
        }
        assertThat(read).isGreaterThanOrEqualTo(4);
    }

    private static void metadata(Block block, JsonNode fact) throws IOException {
        List<ByteString> slots = block.getMetadata().getMetadataList();
        assertThat(slots).hasSize(5);
        Metadata signatures = Metadata.parseFrom(slots.getFirst());
        assertThat(hex(signatures.getValue()))
                .isEqualTo(fact.get("signature_value_hex").asString());
        assertThat(signatures.getSignaturesCount())
                .isEqualTo(fact.get("signature_count").asInt());
        OrdererBlockMetadata value = OrdererBlockMetadata.parseFrom(signatures.getValue());
        assertThat(value.getLastConfig().getIndex())
                .isEqualTo(fact.get("last_config").asLong(0));
        assertThat(hex(Metadata.parseFrom(value.getConsenterMetadata()).getValue()))
                .isEqualTo(fact.get("consenter_metadata_hex").asString());
    }

    /// Also Kafka, maintenance, the switch, and a system channel with its consortiums.
    @ParameterizedTest
    @MethodSource("channels")
    void everyConfigIsReadAndSignedByWhoWasAllowedTo(Recorded channel) throws IOException {
        ChannelConfig inForce = null;
        int configs = 0;
        for (JsonNode fact : channel.blocks()) {
            if (!fact.path("file").isString()) {
                continue;
            }
            ByteString bytes =
                    Golden.bytes(channel.directory() + fact.get("file").asString());
            Block block = Block.parseFrom(bytes);
            if (inForce != null && fact.get("signature_count").asInt() > 0) {
                PolicyVerdict verdict = BlockSignatures.verify(
                        inForce, Golden.header(block), block.getMetadata().getMetadata(0));
                assertThat(verdict.satisfied())
                        .as("block %d: %s", block.getHeader().getNumber(), verdict)
                        .isTrue();
            }
            if (!fact.path("config").isObject()) {
                continue;
            }
            ChannelConfig config = ChannelConfig.fromBlock(bytes, Golden.CRYPTO);
            JsonNode expected = fact.get("config");
            assertThat(config.sequence()).isEqualTo(expected.get("sequence").asLong());
            JsonNode consensus = expected.get("consensus");
            assertThat(config.consensusType()).isEqualTo(consensus.get("type").asString());
            assertThat(config.state().name()).isEqualTo(consensus.get("state").asString());
            assertThat(digest(config))
                    .isEqualTo(expected.get("config_group_canonical_sha256").asString());
            boolean kafka = config.consensusType().equals("kafka");
            assertThat(config.consenters().isEmpty()).isEqualTo(kafka);
            assertThat(config.hazards().isEmpty()).as("%s", config.hazards()).isEqualTo(!kafka);
            inForce = config;
            configs++;
        }
        assertThat(configs).isGreaterThanOrEqualTo(4);
    }

    @Test
    void aChannelsCreationInASystemChannelIsNoConfigOfIt() {
        assertThatThrownBy(() -> Golden.config("kafka2raft/syskafka/01.block"))
                .isInstanceOf(MalformedConfig.class)
                .hasMessageContaining("not CONFIG");
    }

    @Test
    void whatAKafkaChannelLacksIsSaidBeforeAnybodyOrdersInIt() {
        assertThat(Golden.config("kafka2raft/kapp/08.block").hazards())
                .singleElement()
                .asString()
                .contains("'kafka'")
                .contains("etcdraft only");
        assertThat(Golden.config("kafka2raft/kapp/09.block").consenters()).hasSize(2);
    }

    /// Serialized in the order of the field numbers, maps sorted by key.
    private static String digest(ChannelConfig config) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        config.tree().getChannelGroup().writeTo(out);
        out.flush();
        return HexFormat.of().formatHex(BlockHeader.sha256().digest(bytes.toByteArray()));
    }

    private static List<Integer> types(List<ByteString> data) throws IOException {
        List<Integer> types = new ArrayList<>();
        for (ByteString envelope : data) {
            types.add(EnvelopeView.of(envelope).channelHeader().getType());
        }
        assertThat(types).allMatch(type -> type >= HeaderType.MESSAGE_VALUE);
        return types;
    }

    private static List<Integer> numbers(JsonNode list) {
        List<Integer> numbers = new ArrayList<>();
        list.forEach(number -> numbers.add(number.asInt()));
        return numbers;
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
