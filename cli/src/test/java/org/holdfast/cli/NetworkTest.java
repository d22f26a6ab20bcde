package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A network of real processes, from the first `up` to `destroy`.
@Tag("slow")
class NetworkTest {
    private static final int LINES = 300;

    private final Terminal terminal = new Terminal();

    @TempDir
    Path temp;

    @AfterEach
    void leaveNoProcess() {
        if (Files.exists(temp.resolve("net/network.json"))) {
            for (String node : List.of("node1", "node2", "node3")) {
                terminal.run("kill", node, "--dir", dir());
            }
        }
    }

    @Test
    void linesOutliveTheLeaderAndARestart() throws IOException {
        List<byte[]> lines = awkwardLines();
        Path file = Files.write(temp.resolve("lines.bin"), joined(lines));
        ok("up", "--detach", "--dir", dir());
        assertThat(terminal.out()).contains("3 of 3 nodes ready", "holdfast submit");
        ok("up", "--detach", "--dir", dir());
        assertThat(terminal.out()).contains("(0 started)");

        ok("submit", "--dir", dir(), "--channel", "demo", "--lines", "--file", file.toString());
        assertThat(terminal.out()).startsWith(LINES + " durable, 0 refused");

        String leader = leader();
        ok("kill", leader, "--dir", dir());
        String other = leader.equals("node1") ? "node2" : "node1";
        awaitLines(other, lines);
        ok("submit", "--dir", dir(), "--channel", "demo", "--file", file.toString(), "--node", leader);
        lines.add(joined(lines));

        ok("down", "--dir", dir());
        ok("ledger", "verify", dir());
        ok("up", "--detach", "--dir", dir());
        awaitLines(leader, lines);
        await().atMost(Duration.ofSeconds(60)).until(this::allAtOneHeight);

        ok("down", "--dir", dir());
        oneCorruptLedgerStopsOneNode();
        awaitLines("node1", lines);
        aMeasurementSeesWhatItSent();

        ok("destroy", "--yes", "--dir", dir());
        assertThat(temp.resolve("net")).doesNotExist();
    }

    /// The others serve, and the operator reads which file it is.
    private void oneCorruptLedgerStopsOneNode() throws IOException {
        Path blocks = temp.resolve("net/nodes/node2/data/ledger/chains/demo/blocks/000000.blk");
        byte[] sound = Files.readAllBytes(blocks);
        byte[] corrupt = sound.clone();
        corrupt[5000] ^= 1;
        Files.write(blocks, corrupt);
        assertThat(terminal.run("up", "--detach", "--dir", dir())).isEqualTo(1);
        assertThat(terminal.out()).contains("2 of 3 nodes ready");
        assertThat(terminal.err()).contains("HF-211", "000000.blk is corrupt at byte");
        ok("stop", "node2", "--dir", dir());
        Files.write(blocks, sound);
        ok("start", "node2", "--dir", dir());
    }

    private void aMeasurementSeesWhatItSent() {
        assertThat(terminal.run("bench", "order", "--dir", dir(), "--payload", "15", "--seconds", "1"))
                .isEqualTo(2);
        String[] noTime = {"bench", "order", "--dir", dir(), "--payload", "99", "--seconds", "1", "--disk-delay", "2"};
        assertThat(terminal.run(noTime)).isEqualTo(2);
        assertThat(terminal.err()).contains("write it like 2ms");
        JsonNode result = bench("--rate", "50");
        assertThat(result.path("deliveredPerSecond").asDouble()).isBetween(1.0, 100.0);
        double acknowledged = result.path("ackMs").path("p50").asDouble();
        assertThat(acknowledged).isPositive();
        assertThat(result.path("deliverMs").path("max").asDouble()).isGreaterThanOrEqualTo(acknowledged);
        assertThat(result.path("cpuMicrosPerTx").has("node3")).isTrue();
        // An acknowledgement waits for a force of the log on two disks.
        JsonNode slow = bench("--rate", "20", "--disk-delay", "20ms");
        assertThat(slow.path("ackMs").path("p50").asDouble()).isGreaterThanOrEqualTo(20);
        assertThat(slow.path("diskDelayMs").asDouble()).isEqualTo(20);
    }

    private JsonNode bench(String... options) {
        List<String> words = new ArrayList<>(List.of("bench", "order", "--dir", dir(), "--payload", "200"));
        words.addAll(List.of("--seconds", "2", "--warm-up", "1", "--json"));
        words.addAll(List.of(options));
        ok(words.toArray(String[]::new));
        JsonNode result = Json.read(terminal.out(), JsonNode.class);
        assertThat(result.path("missing").asInt(-1)).isZero();
        assertThat(result.path("failed").asInt(-1)).isZero();
        return result;
    }

    /// A follower may be a moment behind what a quorum has.
    private void awaitLines(String node, List<byte[]> lines) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(payloads(node)).usingRecursiveComparison().isEqualTo(lines));
    }

    private boolean allAtOneHeight() {
        return nodes().stream()
                        .map(node ->
                                node.path("channels").path(0).path("height").asLong())
                        .distinct()
                        .count()
                == 1;
    }

    private String leader() {
        return nodes().getFirst().path("channels").path(0).path("leader").asString();
    }

    private List<JsonNode> nodes() {
        ok("status", "--json", "--dir", dir());
        JsonNode nodes = Json.read(terminal.out(), JsonNode.class).path("nodes");
        return StreamSupport.stream(nodes.spliterator(), false).toList();
    }

    private List<byte[]> payloads(String node) {
        ok("feed", "--dir", dir(), "--channel", "demo", "--json", "--node", node);
        List<byte[]> payloads = new ArrayList<>();
        terminal.out().lines().map(line -> Json.read(line, JsonNode.class)).forEach(envelope -> {
            if (envelope.has("payload")) {
                payloads.add(envelope.path("payload").asString().getBytes(StandardCharsets.UTF_8));
            } else if (envelope.has("payloadBase64")) {
                payloads.add(Base64.getDecoder()
                        .decode(envelope.path("payloadBase64").asString()));
            }
        });
        return payloads;
    }

    private void ok(String... words) {
        assertThat(terminal.run(words))
                .as("%s%n%s", String.join(" ", words), terminal.err())
                .isZero();
    }

    private String dir() {
        return temp.resolve("net").toString();
    }

    /// Empty lines, carriage returns, zero bytes, broken UTF-8, and one line of a megabyte.
    private static List<byte[]> awkwardLines() {
        Random random = new Random(11);
        List<byte[]> lines = new ArrayList<>(List.of(
                new byte[0], "grüße\r".getBytes(StandardCharsets.UTF_8), new byte[] {0, -1, -2, '\r'}, new byte[0]));
        while (lines.size() < LINES) {
            byte[] line = new byte[lines.size() == 100 ? 1 << 20 : random.nextInt(200)];
            random.nextBytes(line);
            for (int i = 0; i < line.length; i++) {
                line[i] = line[i] == '\n' ? 0 : line[i];
            }
            lines.add(line);
        }
        return lines;
    }

    private static byte[] joined(List<byte[]> lines) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] line : lines) {
            bytes.writeBytes(line);
            bytes.write('\n');
        }
        return bytes.toByteArray();
    }
}
