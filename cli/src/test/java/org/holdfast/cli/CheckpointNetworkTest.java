package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.holdfast.env.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Three real nodes, one of which loses its state: another node's comes over the members' link.
@Tag("slow")
class CheckpointNetworkTest {
    private static final String CHANNEL = "kv.default.1.0";
    private static final int BLOCKS = 40;
    private static final int LARGE = 16;
    private static final int LARGE_BYTES = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Terminal terminal = new Terminal();

    @TempDir
    Path temp;

    @AfterEach
    void leaveNoProcess() {
        terminal.destroy(temp.resolve("net"));
    }

    @Test
    void aLostStateComesFromAnotherNodeAlsoWhenItsNodeIsKilledMeanwhile() throws Exception {
        begin();
        // The state is lost, and the node is killed while another one comes.
        run("stop", "node3");
        delete(state("node3"));
        startAndKillUnderWay();
        run("start", "node3");
        awaitTaken("node3", 1);
        write(3);
        awaitEqual();
        assertThat(beside("node3")).allSatisfy(name -> assertThat(name).doesNotContain("ing-"));
    }

    private void begin() throws IOException {
        run("up", "--detach");
        run("down");
        for (String node : List.of("node1", "node2", "node3")) {
            Path file = temp.resolve("net/nodes/" + node + "/orderer.yaml");
            String section = "Holdfast:\n  State:\n    CheckpointBlocks: 20\n";
            Files.writeString(file, Files.readString(file).replace("Holdfast:\n", section));
        }
        run("up", "--detach");
        write(BLOCKS);
        Random random = new Random(1);
        byte[] bytes = new byte[LARGE_BYTES / 2];
        for (int i = 0; i < LARGE; i++) {
            random.nextBytes(bytes);
            String value = HexFormat.of().formatHex(bytes);
            assertThat(KeyspaceTest.redis(port(), "SET", "default:t:large" + i, value))
                    .isEqualTo("OK");
        }
        awaitEqual();
    }

    /// The command waits until the node answers, so the killing goes on beside it.
    private void startAndKillUnderWay() throws Exception {
        AtomicBoolean killed = new AtomicBoolean();
        Thread killer = Thread.ofVirtual().start(() -> {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(2))
                    .pollDelay(Duration.ZERO)
                    .until(() -> beside("node3").stream().anyMatch(name -> name.contains(".incoming-")));
            ProcessHandle process = ProcessHandle.of(pid()).orElseThrow();
            killed.set(process.destroyForcibly());
            process.onExit().join();
        });
        terminal.run("start", "node3", "--dir", dir());
        killer.join();
        assertThat(killed).isTrue();
        assertThat(log("node3")).as("it died before it had everything").doesNotContain("the state is that of");
    }

    private long pid() {
        byte[] file = World.real().disk().read(temp.resolve("net/nodes/node3/node.pid"));
        return new String(file, StandardCharsets.UTF_8)
                .lines()
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
    }

    private List<String> beside(String node) throws IOException {
        Path directory = temp.resolve("net/nodes/" + node + "/data/ledger/state");
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private int port() {
        Network network = new NetworkDir(World.real().disk(), temp.resolve("net")).load();
        return Objects.requireNonNull(network.node("node2").ports().redis());
    }

    /// Each in a block of its own.
    private void write(int count) {
        int port = port();
        for (int i = 0; i < count; i++) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(KeyspaceTest.redis(port, "INCR", "default:t:count"))
                            .containsOnlyDigits());
        }
    }

    private void awaitTaken(String node, int times) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(log(node)
                                .lines()
                                .filter(line -> line.contains(CHANNEL) && line.contains("checkpoint at block"))
                                .filter(line -> line.contains("the state is that of"))
                                .count())
                        .isGreaterThanOrEqualTo(times));
    }

    private void awaitEqual() {
        await().atMost(PATIENCE).untilAsserted(() -> run("state", "compare"));
    }

    private String log(String node) throws IOException {
        return Files.readString(temp.resolve("net/nodes/" + node + "/node.log"));
    }

    private Path state(String node) {
        return temp.resolve("net/nodes/" + node + "/data/ledger/state/" + CHANNEL);
    }

    private static void delete(Path directory) {
        World.real().disk().deleteTree(directory);
        assertThat(directory).doesNotExist();
    }

    private String dir() {
        return temp.resolve("net").toString();
    }

    private void run(String... words) {
        terminal.expect(0, temp.resolve("net"), words);
    }
}
