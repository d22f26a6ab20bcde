package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.channel.Genesis;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.ledger.BlockView;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Changing a config from a machine that has no node: all that is known of the nodes is what their Broadcast and
/// Deliver say. Large configs go the same way. One network, shared by the tests.
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GovernElsewhereTest {
    /// With names of 60 bytes: more than a record of the log may hold (1 MB), and its block holds it twice.
    private static final int RULES = 18_000;

    private static final String EVERYWHERE = "orderer1, orderer2, orderer3";

    private static final Terminal TERMINAL = new Terminal();

    @TempDir
    static Path temp;

    private static Optional<Hosts> started = Optional.empty();

    @BeforeAll
    static void aNetwork() throws IOException {
        Hosts hosts = new Hosts(temp);
        started = Optional.of(hosts);
        hosts.start();
    }

    @AfterAll
    static void leaveNoProcess() {
        started.ifPresent(Hosts::close);
    }

    @Test
    @Order(1)
    void inForceIsReadFromWhatEachNodeDelivers() {
        run(0, "edit", "orders", "--yes", "--set", "orderer.batch.maxMessages=200");
        assertThat(TERMINAL.err()).contains("signed by OrderingMSP/user");
        assertThat(TERMINAL.out()).contains(inForce(1, EVERYWHERE));
        run(0, "info", "orders", "--json");
        JsonNode info = Json.read(TERMINAL.out(), JsonNode.class);
        assertThat(info.path("nodes")).hasSize(3);
        info.path("nodes").forEach(node -> {
            assertThat(node.path("state").asString()).isEqualTo("answers");
            assertThat(node.path("configBlock").asLong()).isEqualTo(1);
        });
        run(1, "create", "more");
        assertThat(TERMINAL.err()).contains("runs on host 127.0.0.1", "holdfast channel genesis", "--block");
    }

    /// One test: the second half is about what the first has made.
    @Test
    @Order(2)
    void aNodeThatGivesNoAnswerCatchesUpWithALargeConfigWhichIsTakenAwayAgain() throws Exception {
        long before = sequence();
        aNodeThatGivesNoAnswerIsNamedAndCatchesUpWithALargeConfig(before);
        aLargeConfigIsChangedLoadedAndTakenAwayAgain(before + 2);
    }

    private static void aNodeThatGivesNoAnswerIsNamedAndCatchesUpWithALargeConfig(long before) throws Exception {
        hosts().kill(2);
        run(3, "edit", "orders", "--yes", "--set", "orderer.batch.maxMessages=201");
        assertThat(TERMINAL.out()).contains(inForce(before + 1, "orderer1, orderer2\n"));
        assertThat(TERMINAL.err())
                .contains("not in force on orderer3: no answer from 127.0.0.1:", "it catches up when it is back");

        Path rules = rules(RULES);
        String acme = "AcmeMSP=" + hosts().admin("peerOrganizations", "acme.test");
        run(3, "edit", "orders", "--yes", "--patch", rules.toString(), "--as", acme);
        assertThat(TERMINAL.out()).contains(inForce(before + 2, "orderer1, orderer2\n"));
        hosts().start();
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(configBlocks()).containsOnly(before + 2));
        List<ByteString> blocks = blocks(before + 2);
        assertThat(blocks)
                .hasSize(3)
                .allSatisfy(block -> assertThat(block.size()).isGreaterThan(2 << 20));
        assertThat(blocks.get(1)).isEqualTo(blocks.get(0));
        assertThat(blocks.get(2)).isEqualTo(blocks.get(0));
    }

    private static void aLargeConfigIsChangedLoadedAndTakenAwayAgain(long before) throws Exception {
        run(0, "edit", "orders", "--yes", "--set", "orderer.batch.timeout=1s");
        assertThat(TERMINAL.out()).contains(inForce(before + 1, EVERYWHERE));
        hosts().kill(0);
        hosts().kill(1);
        hosts().start();
        assertThat(sequence()).isEqualTo(before + 1);
        Path line = Files.writeString(temp.resolve("line.txt"), "behind a large config\n");
        run("submit", "--dir", hosts().client("app").toString(), "--channel", "orders", "--lines", "--file", "" + line);

        String acme = "AcmeMSP=" + hosts().admin("peerOrganizations", "acme.test");
        run(0, "edit", "orders", "--yes", "--set", "application.acls=null", "--as", acme);
        assertThat(TERMINAL.out()).contains(inForce(before + 2, EVERYWHERE));
        assertThat(blocks(blockOf(before + 2)).getFirst().size()).isLessThan(64 << 10);
    }

    /// As the refusal of `create` says it: one block, given to every node on its host.
    @Test
    @Order(3)
    void aChannelIsMadeHostByHost() throws Exception {
        NetworkDir ops = new NetworkDir(World.real().disk(), hosts().client("ops"));
        Path block = temp.resolve("more.block");
        try (Client client = Client.governing(session(), ops, "orders", Optional.empty())) {
            ConfigGroup tree = LiveConfig.now(session(), client).config().tree().getChannelGroup();
            Files.write(
                    block,
                    Genesis.like(new ChannelId("more"), tree, World.real(), Crypto.choose())
                            .toByteArray());
        }
        List<CompletableFuture<String>> made = hosts().nodes().stream()
                .map(node -> CompletableFuture.supplyAsync(() -> {
                    Terminal own = new Terminal();
                    int code =
                            own.run("channel", "create", "more", "--block", block.toString(), "--dir", node.toString());
                    return code == 0 ? own.out() : own.err();
                }))
                .toList();
        assertThat(made.stream().map(CompletableFuture::join))
                .allSatisfy(text -> assertThat(text).contains("channel more: 1 of 1 nodes order it"));
        // The client's profile does not name the channel; its nodes do.
        run(0, "edit", "more", "--yes", "--set", "orderer.batch.timeout=3s");
        assertThat(TERMINAL.out()).contains("config 1 of channel more is in force on orderer1, orderer2, orderer3");
        run(1, "config", "never");
        assertThat(TERMINAL.err()).contains("there is no such channel");
    }

    private static String inForce(long config, String where) {
        return "config %d of channel orders is in force on %s".formatted(config, where);
    }

    private static long sequence() {
        return report().path("sequence").asLong();
    }

    private static JsonNode report() {
        run(0, "config", "orders", "--report");
        return Json.read(TERMINAL.out(), JsonNode.class);
    }

    private static Session session() {
        return new Session(World.real(), new Screen(System.out, System.err, false));
    }

    private static Path rules(int count) throws IOException {
        StringBuilder text = new StringBuilder("application:\n  acls:\n");
        for (int i = 0; i < count; i++) {
            text.append("    chaincode-of-somebody-%06d/SomethingThatIsCalled: /Channel/Application/Readers\n"
                    .formatted(i));
        }
        return Files.writeString(temp.resolve("rules.yaml"), text, StandardCharsets.UTF_8);
    }

    private static List<Long> configBlocks() {
        run(0, "info", "orders", "--json");
        List<Long> found = new ArrayList<>();
        Json.read(TERMINAL.out(), JsonNode.class)
                .path("nodes")
                .forEach(node -> found.add(node.path("configBlock").asLong()));
        return found;
    }

    private static long blockOf(long sequence) {
        JsonNode report = report();
        assertThat(report.path("sequence").asLong()).isEqualTo(sequence);
        return report.path("block").asLong();
    }

    /// The envelopes of a block, from each node.
    private static List<ByteString> blocks(long number) {
        NetworkDir dir = new NetworkDir(World.real().disk(), hosts().client("ops"));
        try (Client client = Client.governing(session(), dir, "orders", Optional.empty())) {
            return client.nodes().stream()
                    .flatMap(node -> Tip.at(client, node, number).block().stream())
                    .map(BlockView::data)
                    .map(List::getFirst)
                    .toList();
        }
    }

    private static Hosts hosts() {
        return started.orElseThrow();
    }

    private static void run(int code, String... words) {
        List<String> all = new ArrayList<>(List.of("channel"));
        all.addAll(List.of(words));
        all.addAll(List.of("--dir", hosts().client("ops").toString()));
        assertThat(TERMINAL.run(all.toArray(String[]::new)))
                .as("%s%n%s%n%s", String.join(" ", words), TERMINAL.out(), TERMINAL.err())
                .isEqualTo(code);
    }

    private static void run(String... words) {
        assertThat(TERMINAL.run(words))
                .as("%s%n%s%n%s", String.join(" ", words), TERMINAL.out(), TERMINAL.err())
                .isZero();
    }
}
