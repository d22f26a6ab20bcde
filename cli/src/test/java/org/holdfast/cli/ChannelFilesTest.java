package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `channel config`, `channel genesis` and `ledger inspect` on files.
///
/// Oracle: blocks of configtxgen 2.5.12 and 2.2.15 and of orderer 2.5.12, and the facts recorded of them.
class ChannelFilesTest {
    private final Terminal terminal = new Terminal();

    @TempDir
    Path temp;

    @Test
    void aGenesisBlockIsShownWithPoliciesInWords() {
        ok("channel", "config", golden("genesis-2.5-fixch.block"));
        assertThat(terminal.out())
                .contains("channel fixch, config 0, in block 0", "type etcdraft, state NORMAL")
                .contains("10 messages, 16384 bytes (one message 65536), 2s")
                .contains("channel V2_0, orderer V2_0, application V2_0")
                .containsPattern("consenter +127.0.0.1:27050 +seat [0-9a-f]{16} +certificate until 2036-11-19")
                .containsPattern("organisation +orderer OrdererOrg \\(OrdererMSP\\) +127.0.0.1:27050, 127.0.0.1:27150")
                .containsPattern("policy +/Channel/Admins +MAJORITY Admins")
                .containsPattern(
                        "/Channel/Application/Org1/Readers +OR\\('Org1MSP.admin', 'Org1MSP.peer', 'Org1MSP.client'\\)")
                .doesNotContain("HAZARD");
    }

    @Test
    void theSameAsOneObject() {
        ok("channel", "config", "--report", golden("blkch-07.block"));
        JsonNode config = Json.read(terminal.out(), JsonNode.class);
        assertThat(config.path("channel").asString()).isEqualTo("blkch");
        assertThat(config.path("block").asLong()).isEqualTo(7);
        assertThat(config.path("sequence").asLong()).isEqualTo(3);
        assertThat(config.path("batchTimeout").asString()).isEqualTo("300ms");
        assertThat(config.path("consenters")).hasSize(3);
        assertThat(config.path("hazards")).isEmpty();
        assertThat(config.path("organizations").path(0).path("mspId").asString())
                .isEqualTo("OrdererMSP");
    }

    @Test
    void aSystemChannelOfKafkaIsReadAndItsHazardsAreNamed() {
        ok("channel", "config", golden("genesis-2.2-system-kafka.block"));
        assertThat(terminal.out())
                .contains("type kafka", "consortium Org1 (Org1MSP)", "/Channel/Consortiums/Admins")
                .containsPattern("/Channel/Consortiums/Admins +anybody")
                .contains(
                        "HAZARD        its consensus type is 'kafka', and this version orders channels of type etcdraft"
                                + " only")
                .contains("HAZARD        this is a system channel");
        ok("channel", "config", "--report", golden("genesis-2.2-system-kafka.block"));
        assertThat(Json.read(terminal.out(), JsonNode.class)
                        .path("consortiums")
                        .path(0)
                        .asString())
                .isEqualTo("SampleConsortium");
        ok("channel", "config", golden("base-maintenance.block"));
        assertThat(terminal.out()).contains("state MAINTENANCE", "HAZARD        the channel is in maintenance");
    }

    @Test
    void whatHoldsNoConfigIsRefused() throws IOException {
        assertThat(terminal.run("channel", "config", golden("blkch-04.block"))).isEqualTo(1);
        assertThat(terminal.err()).contains("it holds 5 envelopes, a config block holds one");
        Path noise = Files.writeString(temp.resolve("noise"), "this is no block");
        assertThat(terminal.run("channel", "config", noise.toString())).isEqualTo(1);
        assertThat(terminal.run("channel", "config", temp.resolve("none").toString()))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("does not exist");
    }

    @Test
    void aBlockFileIsInspected() throws IOException {
        ok("ledger", "inspect", golden("blkch-04.block"));
        assertThat(terminal.out())
                .contains("block 4, 5 transactions", "data hash holds", "SIGNATURES", "of channel blkch");
        ok("ledger", "inspect", "--json", golden("genesis-2.5-fixch.block"));
        JsonNode block = Json.read(terminal.out(), JsonNode.class);
        assertThat(block.path("hash").asString())
                .isEqualTo("91f75e18267b02ed11c6f36f9e34caddd8d94ea5c03fda8f32639d00dffc0f53");
        assertThat(block.path("bytes").asInt()).isEqualTo(23_277);
        assertThat(block.path("config").asString()).contains("type etcdraft, state NORMAL, 3 consenters");

        byte[] bytes = Files.readAllBytes(Path.of(golden("genesis-2.5-fixch.block")));
        bytes[bytes.length / 2] ^= 1;
        Path changed = Files.write(temp.resolve("changed.block"), bytes);
        assertThat(terminal.run("ledger", "inspect", changed.toString())).isEqualTo(1);
        assertThat(terminal.out()).contains("DOES NOT HOLD");
        assertThat(terminal.run("ledger", "verify", changed.toString())).isEqualTo(1);
        assertThat(terminal.err()).contains("is one block; it is shown by: holdfast ledger inspect");
    }

    @Test
    void aGenesisBlockIsNeverWrittenOverAFile() throws IOException {
        Path file = Files.writeString(temp.resolve("configtx.yaml"), "Profiles: {A: {}}\n");
        Path there = Files.writeString(temp.resolve("there"), "mine");
        String[] words = {"channel", "genesis", "-f", file.toString(), "--profile", "A", "-o", there.toString()};
        assertThat(terminal.run(words)).isEqualTo(1);
        assertThat(terminal.err()).contains("is there already");
        words[7] = temp.resolve("new").toString();
        assertThat(terminal.run(words)).isEqualTo(1);
        assertThat(terminal.err()).contains("Profiles.A has no Orderer section");
        assertThat(temp.resolve("new")).doesNotExist();
        assertThat(there).hasContent("mine");
    }

    private void ok(String... words) {
        assertThat(terminal.run(words)).as(terminal.err()).isZero();
    }

    private static String golden(String name) {
        try {
            return Path.of(Objects.requireNonNull(ChannelFilesTest.class.getResource("/fabric/blocks/" + name), name)
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
