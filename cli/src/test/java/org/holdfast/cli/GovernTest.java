package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.holdfast.channel.ConfigJson;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `channel list|info|config|diff|edit|sign|update|create` on one network of three real nodes, shared by the tests.
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GovernTest {
    private static final Terminal TERMINAL = new Terminal();

    @TempDir
    static Path temp;

    @BeforeAll
    static void aNetwork() {
        ok("up", "--detach");
    }

    @AfterAll
    static void leaveNoProcess() {
        if (Files.exists(temp.resolve("net/network.json"))) {
            TERMINAL.run("destroy", "--yes", "--dir", dir());
        }
    }

    @Test
    @Order(1)
    void oneCommandChangesTheConfigOnAllNodes() {
        ok("channel", "list");
        assertThat(TERMINAL.out()).containsPattern("demo +\\d+ +0 +3 of 3 +OrdererOrg Clients");
        ok(
                "channel",
                "edit",
                "demo",
                "--yes",
                "--set",
                "orderer.batch.maxMessages=200",
                "--set",
                "orderer.batch.timeout=1s");
        assertThat(TERMINAL.out())
                .contains("orderer.batch.maxMessages: 500 -> 200", "orderer.batch.timeout: 2s -> 1s")
                .contains("config 1 of channel demo is in force on node1, node2, node3");
        ok("channel", "config", "demo", "--json");
        JsonNode config = Json.read(TERMINAL.out(), JsonNode.class);
        assertThat(config.path("sequence").asString()).isEqualTo("1");
        assertThat(config.at("/channel_group/groups/Orderer/values/BatchSize/value/max_message_count")
                        .asInt())
                .isEqualTo(200);
        ok("channel", "config", "demo", "--block", "0");
        assertThat(TERMINAL.out()).contains("config 0, in block 0", "500 messages");
        edit("orderer.batch.timeout=1s", 0);
        assertThat(TERMINAL.out()).contains("nothing changes");
        ok("channel", "info", "demo", "--json");
        JsonNode info = Json.read(TERMINAL.out(), JsonNode.class);
        assertThat(info.path("config").asLong()).isEqualTo(1);
        assertThat(info.path("nodes")).hasSize(3);
        info.path("nodes")
                .forEach(node -> assertThat(node.path("configBlock").asLong()).isEqualTo(1));
    }

    @Test
    @Order(2)
    void badInputIsRefusedBeforeAnythingIsSent() {
        edit("orderer.batch.maxMesages=2", 1);
        assertThat(TERMINAL.err()).contains("did you mean 'maxMessages'?");
        edit("orderer.batch.preferredMax=900 MB", 1);
        assertThat(TERMINAL.err()).contains("prefers more bytes than it allows");
        run(2, "channel", "edit", "demo", "--set", "orderer.batch.maxMessages=2");
        assertThat(TERMINAL.err()).contains("nothing was sent; say --yes");
        run(2, "channel", "edit", "demo", "--yes", "--as", "NobodyMSP", "--set", "orderer.batch.maxMessages=2");
        assertThat(TERMINAL.err()).contains("known are OrdererMSP, ClientsMSP");
        run(2, "channel", "edit", "demo", "--yes", "--wait", "-3", "--set", "orderer.batch.maxMessages=2");
        assertThat(TERMINAL.err()).contains("--wait is -3");
        run(1, "channel", "edit", "demo", "--out", "/nowhere/x.pb", "--set", "orderer.batch.maxMessages=2");
        assertThat(TERMINAL.err()).contains("there is no directory /nowhere");
        edit("orderer.consenters[0]=null", 1);
        ok("channel", "config", "demo");
        assertThat(TERMINAL.out()).contains("channel demo, config 1");
    }

    @Test
    @Order(3)
    void signaturesAreCollectedThroughFiles() throws IOException {
        String file = temp.resolve("slower.pb").toString();
        String[] edit = {"channel", "edit", "demo", "--set", "orderer.batch.timeout=3s", "--as", "ClientsMSP/User1"};
        String[] words = Arrays.copyOf(edit, edit.length + 2);
        words[edit.length] = "--out";
        words[edit.length + 1] = file;
        run(4, words);
        assertThat(TERMINAL.err())
                .contains(
                        "/Channel/Orderer/Admins wants MAJORITY Admins; 1 more of {OrdererOrg: OR('OrdererMSP.admin')}")
                .contains("holdfast channel sign " + file, "holdfast channel update " + file);
        Path admin;
        try (var found = Files.walk(temp.resolve("net/crypto/ordererOrganizations"))) {
            admin = found.filter(path -> path.toString().contains("Admin@") && path.endsWith("msp"))
                    .findFirst()
                    .orElseThrow();
        }
        assertThat(TERMINAL.run("channel", "sign", file, "--as", "OrdererMSP=" + admin))
                .as(TERMINAL.err())
                .isZero();
        assertThat(TERMINAL.out()).contains("has 2 signatures");
        ok("channel", "update", file);
        assertThat(TERMINAL.out()).contains("config 2 of channel demo is in force on node1, node2, node3");
        run(1, "channel", "update", file);
        assertThat(TERMINAL.err()).contains("not any more the one this update was made for");
    }

    @Test
    @Order(4)
    void aPatchAndAFileAsFabricsToolsMakeIt() throws IOException {
        Path patch = Files.writeString(
                temp.resolve("patch.yaml"), "application: {acls: {peer/Propose: /Channel/Application/Writers}}\n");
        ok("channel", "config", "demo", "--yaml");
        Path before = Files.writeString(temp.resolve("before.yaml"), TERMINAL.out());
        Path file = temp.resolve("acls.json");
        ok("channel", "edit", "demo", "--patch", patch.toString(), "--out", file.toString());
        ByteString envelope = ByteString.copyFrom(Files.readAllBytes(file));
        ByteString update =
                ConfigFile.update(file, envelope.toByteArray()).update().toByteString();
        Files.writeString(file, ConfigJson.write(ConfigJson.Type.CONFIG_UPDATE, update));
        ok("channel", "update", file.toString());
        assertThat(TERMINAL.out()).contains("config 3 of channel demo");
        run(1, "channel", "diff", "demo", before.toString());
        assertThat(TERMINAL.out().strip())
                .isEqualTo("application.acls: - {peer/Propose: /Channel/Application/Writers}");
    }

    @Test
    @Order(5)
    void aChannelIsMadeOnceAndByRepeating() {
        ok("channel", "create", "orders", "--set", "orderer.batch.timeout=250ms");
        assertThat(TERMINAL.out()).contains("channel orders: 3 of 3 nodes order it");
        ok("channel", "create", "orders");
        assertThat(TERMINAL.out()).contains("3 of 3 nodes order it");
        ok("channel", "config", "orders");
        assertThat(TERMINAL.out()).contains("config 0, in block 0", "250ms");
        run(2, "channel", "create", "Orders");
        ok("channel", "list", "--json");
        assertThat(Json.read(TERMINAL.out(), JsonNode.class)).hasSize(3);
    }

    @Test
    @Order(6)
    void aNodeThatIsDownIsNamedAndCatchesUp() {
        ok("kill", "node3");
        edit("orderer.batch.maxMessages=77", 3);
        assertThat(TERMINAL.out()).contains("is in force on node1, node2");
        assertThat(TERMINAL.err()).contains("not in force on node3: not running");
        ok("channel", "info", "demo", "--json");
        long config = Json.read(TERMINAL.out(), JsonNode.class).path("config").asLong();
        assertThat(config).isPositive();
        ok("start", "node3");
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            ok("channel", "info", "demo");
            assertThat(TERMINAL.out()).containsPattern("node3 +\\w+ +\\d+ +" + config + " ");
        });
    }

    private static void edit(String set, int code) {
        run(code, "channel", "edit", "demo", "--yes", "--set", set);
    }

    private static void ok(String... words) {
        run(0, words);
    }

    private static void run(int code, String... words) {
        String[] all = Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--dir";
        all[words.length + 1] = dir();
        assertThat(TERMINAL.run(all))
                .as("%s%n%s%n%s", String.join(" ", words), TERMINAL.out(), TERMINAL.err())
                .isEqualTo(code);
    }

    private static String dir() {
        return temp.resolve("net").toString();
    }
}
