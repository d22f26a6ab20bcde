package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.holdfast.wire.MemberId;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Oracle: config blocks of configtxgen and of real orderers 2.5.12 and 2.2.15, and the facts recorded of them.
class ChannelConfigTest {
    @Test
    void theGenesisBlockSaysWhatWasRecorded() {
        ChannelConfig config = Golden.config("blocks/genesis-2.5-fixch.block");
        assertThat(config.id().name()).isEqualTo("fixch");
        assertThat(config.sequence()).isZero();
        assertThat(config.blockNumber()).isZero();
        assertThat(config.consensusType()).isEqualTo("etcdraft");
        assertThat(config.state()).isEqualTo(ConsensusState.NORMAL);
        assertThat(config.batchSize()).isEqualTo(new BatchSize(10, 65_536, 16_384));
        assertThat(config.batchTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.options()).isEqualTo(Options.SAMPLE);
        assertThat(config.consenters())
                .extracting(Consenter::address)
                .containsExactly("127.0.0.1:27050", "127.0.0.1:27150", "127.0.0.1:27250");
        assertThat(config.consenters()).extracting(Consenter::seat).doesNotHaveDuplicates();
        config.consenters().forEach(consenter -> new MemberId(consenter.seat(), 1));
        assertThat(config.ordererAddresses()).containsExactly("127.0.0.1:27050", "127.0.0.1:27150", "127.0.0.1:27250");
        assertThat(config.channelCapabilities()).containsExactly("V2_0");
        assertThat(config.ordererCapabilities()).containsExactly("V2_0");
        assertThat(config.applicationCapabilities()).containsExactly("V2_0");
        assertThat(config.organizations())
                .extracting(organization ->
                        organization.section() + " " + organization.msp().id())
                .containsExactly("ORDERER OrdererMSP", "APPLICATION Org1MSP", "APPLICATION Org2MSP");
        assertThat(config.tlsRoots()).hasSize(3);
        assertThat(config.ordererTlsRoots()).hasSize(1);
        assertThat(config.hazards()).isEmpty();
    }

    @Test
    void theConfigBlocksOfAChannelSayWhatWasRecorded() {
        JsonNode facts =
                JsonMapper.shared().readTree(Golden.bytes("blocks/facts.json").toByteArray());
        int configs = 0;
        for (JsonNode block : facts.get("blkch")) {
            if (!block.has("config") || block.get("config").isNull()) {
                continue;
            }
            int number = block.get("number").asInt();
            String path = number == 0
                    ? "blocks/genesis-2.5-blkch.block"
                    : "blocks/blkch/orderer1/%02d.block".formatted(number);
            ChannelConfig config = Golden.config(path);
            JsonNode expected = block.get("config");
            assertThat(config.blockNumber()).isEqualTo(number);
            assertThat(config.sequence()).isEqualTo(expected.get("sequence").asLong());
            assertThat(config.state().name())
                    .isEqualTo(expected.get("consensus").get("state").asString());
            configs++;
        }
        assertThat(configs).isGreaterThanOrEqualTo(3);
        ChannelConfig third = Golden.config("blocks/blkch/orderer1/03.block");
        assertThat(third.batchSize().maxMessages()).isEqualTo(5);
        assertThat(third.batchTimeout()).isEqualTo(Duration.ofMillis(300));
        assertThat(Golden.config("blocks/blkch/orderer1/05.block").consenters()).hasSize(4);
        assertThat(Golden.config("blocks/blkch/orderer1/07.block").consenters()).hasSize(3);
    }

    static Stream<String> accepted() throws IOException, URISyntaxException {
        Path directory =
                Path.of(Objects.requireNonNull(ChannelConfigTest.class.getResource("/fabric/config-updates/accepted"))
                        .toURI());
        try (Stream<Path> files = Files.list(directory)) {
            return files
                    .map(file -> "config-updates/accepted/" + file.getFileName())
                    .filter(file -> file.endsWith(".block"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    /// Real orderers wrote these; some are harmful, and still have to be read.
    @ParameterizedTest
    @MethodSource("accepted")
    void everyConfigARealOrdererWroteCanBeRead(String path) {
        ChannelConfig config = Golden.config(path);
        assertThat(config.blockNumber()).isPositive();
        boolean harmful = path.contains("empty-metadata")
                || path.contains("no-consenters")
                || !config.consensusType().equals("etcdraft");
        assertThat(config.hazards().isEmpty())
                .as("%s: %s", path, config.hazards())
                .isNotEqualTo(harmful);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "blocks/genesis-2.2-system-etcdraft.block",
                "blocks/genesis-2.2-system-kafka.block",
                "config-updates/base-kafka-maintenance.block",
                "config-updates/base-kafka-switched.block"
            })
    void systemChannelsCanBeRead(String path) {
        ChannelConfig config = Golden.config(path);
        assertThat(config.organizations()).extracting(Organization::section).contains(Organization.Section.CONSORTIUM);
    }

    @Test
    void everyFaultIsListedAtOnce() {
        ByteString broken = changed(root -> {
            root.removeValues("HashingAlgorithm");
            root.removeValues("BlockDataHashingStructure");
            ConfigGroup.Builder orderer = root.getGroupsOrThrow("Orderer").toBuilder();
            orderer.removeValues("BatchTimeout");
            orderer.putValues(
                    "BatchSize",
                    orderer.getValuesOrThrow("BatchSize").toBuilder()
                            .clearValue()
                            .build());
            root.putGroups("Orderer", orderer.build());
        });
        assertThatThrownBy(() -> ChannelConfig.fromBlock(broken, Golden.CRYPTO))
                .isInstanceOfSatisfying(
                        MalformedConfig.class,
                        fault -> assertThat(fault.faults())
                                .anySatisfy(text -> assertThat(text).contains("HashingAlgorithm"))
                                .anySatisfy(text -> assertThat(text).contains("BlockDataHashingStructure"))
                                .anySatisfy(text -> assertThat(text).contains("BatchSize"))
                                .anySatisfy(text -> assertThat(text).contains("BatchTimeout"))
                                .hasSize(6));
    }

    @Test
    void whatIsNoConfigBlockIsRefusedWithItsReason() {
        assertMalformed(Golden.bytes("blocks/blkch/orderer1/02.block"), "not CONFIG");
        assertMalformed(Golden.bytes("blocks/blkch/orderer1/01.block"), "3 envelopes");
        assertMalformed(ByteString.copyFromUtf8("rubbish"), "cannot be decoded");
        assertMalformed(changed(root -> root.removeGroups("Orderer")), "/Channel/Orderer is missing");
        assertMalformed(
                changed(root -> {
                    ConfigGroup.Builder orderer = root.getGroupsOrThrow("Orderer").toBuilder();
                    ConfigGroup.Builder one = orderer.getGroupsOrThrow("OrdererOrg").toBuilder();
                    one.removeValues("MSP");
                    root.putGroups(
                            "Orderer",
                            orderer.putGroups("OrdererOrg", one.build()).build());
                }),
                "/Channel/Orderer/OrdererOrg/MSP");
    }

    @Test
    void anyCutOfABlockIsRefusedAndNothingElseHappens() {
        ByteString whole = Golden.bytes("blocks/genesis-2.5-fixch.block");
        for (int length = 0; length < whole.size() - 20; length += 97) {
            ByteString cut = whole.substring(0, length);
            assertThatThrownBy(() -> ChannelConfig.fromBlock(cut, Golden.CRYPTO))
                    .as("%d bytes", length)
                    .isInstanceOf(MalformedConfig.class);
        }
    }

    @Test
    void aBlockWithFlippedBitsIsReadOrRefusedAndNothingElseHappens() {
        byte[] whole = Golden.bytes("blocks/genesis-2.5-fixch.block").toByteArray();
        Random random = new Random(20261122);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            byte[] bad = whole.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                ChannelConfig.fromBlock(ByteString.copyFrom(bad), Golden.CRYPTO);
            } catch (MalformedConfig e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(50, 399);
    }

    @Test
    void goDurations() {
        assertThat(GoDuration.parse("2s")).isEqualTo(Duration.ofSeconds(2));
        assertThat(GoDuration.parse("1m30s")).isEqualTo(Duration.ofSeconds(90));
        assertThat(GoDuration.parse("1.5h")).isEqualTo(Duration.ofMinutes(90));
        assertThat(GoDuration.parse(".5s")).isEqualTo(Duration.ofMillis(500));
        assertThat(GoDuration.parse("300us")).isEqualTo(Duration.ofNanos(300_000));
        assertThat(GoDuration.parse("1h2m3s4ms5µs6ns")).isEqualTo(Duration.ofNanos(3_723_004_005_006L));
        assertThat(GoDuration.parse("-1s")).isEqualTo(Duration.ofSeconds(-1));
        assertThat(GoDuration.parse("0")).isZero();
        for (String wrong : List.of("", "2", "s", ".s", "2 s", "2sec", "1d", "9999999999999999h", "1s-1s", "0x1s")) {
            assertThat(GoDuration.parse(wrong)).as(wrong).isNull();
        }
        for (Duration length : List.of(Duration.ofSeconds(2), Duration.ofMillis(250), Duration.ofNanos(1_500))) {
            assertThat(GoDuration.parse(GoDuration.format(length))).isEqualTo(length);
        }
    }

    private static void assertMalformed(ByteString block, String text) {
        assertThatThrownBy(() -> ChannelConfig.fromBlock(block, Golden.CRYPTO))
                .isInstanceOf(MalformedConfig.class)
                .hasMessageContaining(text);
    }

    private static ByteString changed(Consumer<ConfigGroup.Builder> change) {
        return Golden.changed(Golden.bytes("blocks/genesis-2.5-fixch.block"), change);
    }
}
