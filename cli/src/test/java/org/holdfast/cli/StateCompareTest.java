package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.holdfast.env.World;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.ShardState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A divergence planted into one of three real nodes is found, named and mended.
@Tag("slow")
class StateCompareTest {
    private static final String CHANNEL = "kv.default.1.0";

    private final Terminal terminal = new Terminal();

    @TempDir
    Path temp;

    @AfterEach
    void leaveNoProcess() {
        terminal.destroy(temp.resolve("net"));
    }

    @Test
    void aPlantedDivergenceIsFoundAndNamed() throws IOException {
        run(0, "up", "--detach");
        int port = port("node1");
        for (int i = 0; i < 5; i++) {
            assertThat(KeyspaceTest.redis(port, "SET", "default:t:k" + i, "v")).isEqualTo("OK");
        }
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> run(0, "state", "compare"));
        assertThat(terminal.out()).contains("shard 0 of keyspace default: equal after block 5");
        run(0, "feed", "--channel", CHANNEL);
        assertThat(terminal.out()).contains("COMMANDS OrdererMSP/node1", "default: SET default:t:k4 v");
        run(0, "feed", "--channel", CHANNEL, "--json");
        assertThat(terminal.out()).contains("\"commands\":[[\"SET\",\"default:t:k4\",\"v\"]]");
        run(0, "stop", "node3");
        Path state = temp.resolve("net/nodes/node3/data/ledger/state/" + CHANNEL);
        long planted = plant(state);
        run(0, "start", "node3");
        for (int i = 0; i < 5; i++) {
            assertThat(KeyspaceTest.redis(port, "SET", "default:t:k" + i, "w")).isEqualTo("OK");
        }
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> run(1, "state", "compare", "default", "--json"));
        JsonNode shard =
                Json.read(terminal.out(), JsonNode.class).path("shards").path(0);
        assertThat(shard.path("equal").asBoolean(true)).isFalse();
        assertThat(shard.path("firstDifference").asLong()).isEqualTo(planted);
        run(1, "state", "compare");
        assertThat(terminal.out())
                .contains("DIFFERENT after block", "node1, node2 against node3; first after block " + planted);
        await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> {
            run(0, "status");
            assertThat(terminal.out()).contains("node3: shard " + CHANNEL, "since block " + planted);
        });
        assertThat(terminal.out()).doesNotContain("node1: shard", "node2: shard");
        await().atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(Files.readString(temp.resolve("net/nodes/node1/node.log")))
                        .containsPattern("error\\|.*differs from that of node3 since block " + planted));
        run(0, "stop", "node3");
        try (Stream<Path> files = Files.list(state)) {
            files.forEach(file -> assertThat(file.toFile().delete()).isTrue());
        }
        run(0, "start", "node3");
        await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> run(0, "state", "compare"));
    }

    /// Sets a key in the state of a node that is down, as no block says.
    ///
    /// @return the block that will be the first after which the node differs
    private static long plant(Path directory) throws IOException {
        try (ShardState state = ShardState.open(World.real(), directory, new ShardState.Options(true))) {
            long block = state.appliedBlock() + 1;
            List<byte[]> words = Stream.of("SET", "t:planted", "x")
                    .map(word -> word.getBytes(StandardCharsets.UTF_8))
                    .toList();
            Batch.Group group = Batch.Group.of(new Command(words));
            state.apply(new Batch(block, state.appliedMillis(), new byte[] {1}, List.of(group)));
            return block;
        }
    }

    private int port(String node) {
        Network network = new NetworkDir(World.real().disk(), temp.resolve("net")).load();
        return Objects.requireNonNull(network.node(node).ports().redis());
    }

    private void run(int code, String... words) {
        terminal.expect(code, temp.resolve("net"), words);
    }
}
