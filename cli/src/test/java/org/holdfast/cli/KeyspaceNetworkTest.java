package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.env.World;
import org.holdfast.state.ShardState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A keyspace of two shards on three real nodes.
@Tag("slow")
class KeyspaceNetworkTest {
    private static final List<String> NODES = List.of("node1", "node2", "node3");
    private static final List<String> SHARDS = List.of("kv.proof.2.0", "kv.proof.2.1");
    private static final Pattern PORT = Pattern.compile("Redis:\\s+(?:ListenAddress:.*\\s+)?ListenPort: (\\d+)");
    private static final int WRITERS = 4;

    private final Terminal terminal = new Terminal();
    private final Map<String, Integer> ports = new TreeMap<>();

    @TempDir
    Path temp;

    @BeforeEach
    void network() throws IOException {
        ok("up", "--detach", "--dir", dir());
        boolean changed = false;
        for (String node : NODES) {
            changed |= redisDoor(node);
        }
        if (changed) {
            ok("down", "--dir", dir());
            ok("up", "--detach", "--dir", dir());
        }
        for (String shard : SHARDS) {
            ok("channel", "create", shard, "--dir", dir());
        }
        for (String node : NODES) {
            await().atMost(Duration.ofSeconds(30)).until(() -> "0".equals(once(node, "DBSIZE")));
        }
    }

    /// Opens a node's Redis door, if it has none.
    private boolean redisDoor(String node) throws IOException {
        Path file = temp.resolve("net/nodes/" + node + "/orderer.yaml");
        String text = Files.readString(file);
        Matcher given = PORT.matcher(text);
        if (given.find()) {
            ports.put(node, Integer.parseInt(given.group(1)));
            return false;
        }
        try (ServerSocket free = new ServerSocket(0)) {
            ports.put(node, free.getLocalPort());
        }
        String section = "Holdfast:\n  Redis:\n    ListenPort: " + ports.get(node) + "\n";
        Files.writeString(file, text.replace("Holdfast:\n", section));
        return true;
    }

    @AfterEach
    void leaveNoProcess() {
        for (String node : NODES) {
            terminal.run("kill", node, "--dir", dir());
        }
    }

    @Test
    void acknowledgedWritesOutliveTheLeaderAndReadsNeverGoBack() throws Exception {
        everyNodeSeesWhatOneWrote();
        assertThat(once("node1", "INCR", "proof:t:counter")).isEqualTo("1");
        aWatchOnOneNodeSeesAWriteOnAnother();

        AtomicBoolean over = new AtomicBoolean();
        AtomicReference<Throwable> fault = new AtomicReference<>();
        ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            String prefix = "proof:w" + i + ":";
            String home = NODES.get(i % NODES.size());
            clients.add(start(fault, () -> write(prefix, home, over, acknowledged)));
        }
        clients.add(start(fault, () -> count(over)));
        clients.add(start(fault, () -> watchTheCounter(over)));
        await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() > 200);
        String leader = leader(SHARDS.getFirst());
        ok("kill", leader, "--dir", dir());
        int before = acknowledged.size();
        await().atMost(Duration.ofSeconds(90)).until(() -> acknowledged.size() > before + 200);
        ok("start", leader, "--dir", dir());
        int again = acknowledged.size();
        await().atMost(Duration.ofSeconds(90)).until(() -> acknowledged.size() > again + 100);
        over.set(true);
        for (Thread client : clients) {
            client.join();
        }
        assertThat(fault.get()).isNull();

        for (String node : NODES) {
            allThere(node, List.copyOf(acknowledged));
        }
        ok("down", "--dir", dir());
        SHARDS.forEach(this::digestsAgree);
    }

    private void everyNodeSeesWhatOneWrote() throws IOException {
        for (int i = 0; i < 30; i++) {
            String writer = NODES.get(i % 3);
            assertThat(once(writer, "SET", "proof:t:" + i, "v" + i)).isEqualTo("OK");
            for (String node : NODES) {
                assertThat(once(node, "GET", "proof:t:" + i)).isEqualTo("v" + i);
            }
        }
        assertThat(once("node3", "DBSIZE")).isEqualTo("30");
        assertThat(once("node2", "MGET", "proof:t:1", "proof:t:2", "proof:t:3")).isEqualTo("[v1, v2, v3]");
    }

    private void aWatchOnOneNodeSeesAWriteOnAnother() throws IOException {
        try (RedisClient one = client("node1");
                RedisClient other = client("node2")) {
            one.ask("WATCH", "proof:t:1");
            one.ask("MULTI");
            one.ask("INCR", "proof:t:n");
            assertThat(other.ask("SET", "proof:t:1", "moved")).isEqualTo("OK");
            // Both keys have to lie in one shard to be one transaction.
            String exec = one.ask("EXEC");
            assertThat(exec == null || exec.startsWith("-CROSSSLOT")).as(exec).isTrue();
            one.ask("WATCH", "proof:t:1");
            one.ask("MULTI");
            one.ask("SET", "proof:t:1", "lost");
            assertThat(other.ask("SET", "proof:t:1", "again")).isEqualTo("OK");
            assertThat(one.ask("EXEC")).isNull();
            one.ask("MULTI");
            one.ask("SET", "proof:t:1", "won");
            one.ask("GET", "proof:t:1");
            assertThat(one.ask("EXEC")).isEqualTo("[OK, won]");
            assertThat(other.ask("GET", "proof:t:1")).isEqualTo("won");
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static Thread start(AtomicReference<Throwable> fault, Work work) {
        return Thread.ofVirtual().start(() -> {
            try {
                work.run();
            } catch (IOException | RuntimeException | AssertionError e) {
                fault.compareAndSet(null, e);
            }
        });
    }

    /// Writes keys that nobody wrote before and notes those that were acknowledged; goes to another node when its own
    /// is gone.
    private void write(String prefix, String home, AtomicBoolean over, ConcurrentLinkedQueue<String> acknowledged)
            throws IOException {
        int at = NODES.indexOf(home);
        for (int i = 0; !over.get(); ) {
            try (RedisClient client = client(NODES.get(at % 3))) {
                while (!over.get()) {
                    String key = prefix + i++;
                    if ("OK".equals(client.ask("SET", key, key))) {
                        acknowledged.add(key);
                    }
                }
            } catch (IOException gone) {
                at++;
            }
        }
    }

    private void count(AtomicBoolean over) throws IOException {
        int at = 0;
        while (!over.get()) {
            try (RedisClient client = client(NODES.get(at % 3))) {
                while (!over.get()) {
                    client.ask("INCR", "proof:t:counter");
                }
            } catch (IOException gone) {
                at++;
            }
        }
    }

    /// Asks one node after the other: what one has said, no other may take back.
    private void watchTheCounter(AtomicBoolean over) throws IOException {
        long last = 0;
        for (int i = 0; !over.get(); i++) {
            String node = NODES.get(i % 3);
            Optional<String> seen = tried(node, "GET", "proof:t:counter");
            if (seen.filter(text -> Character.isDigit(text.charAt(0))).isPresent()) {
                long now = Long.parseLong(seen.get());
                assertThat(now).as("read on %s", node).isGreaterThanOrEqualTo(last);
                last = now;
            }
        }
        assertThat(last).isPositive();
    }

    private Optional<String> tried(String node, String... words) {
        try {
            return Optional.of(once(node, words));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private void allThere(String node, List<String> keys) throws IOException {
        try (RedisClient client = client(node)) {
            for (String key : keys) {
                assertThat(client.ask("GET", key)).as("%s on %s", key, node).isEqualTo(key);
            }
        }
    }

    /// What three states say of the last block that all of them have applied.
    private void digestsAgree(String shard) {
        List<String> digests = new ArrayList<>();
        List<ShardState> states = new ArrayList<>();
        try {
            for (String node : NODES) {
                Path directory = temp.resolve("net/nodes/" + node + "/data/ledger/state/" + shard);
                states.add(ShardState.open(World.real(), directory, new ShardState.Options(true)));
            }
            long block =
                    states.stream().mapToLong(ShardState::appliedBlock).min().orElseThrow();
            assertThat(block).isGreaterThan(10);
            states.forEach(state -> digests.add(
                    java.util.HexFormat.of().formatHex(state.digest(block).orElseThrow())));
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            states.forEach(ShardState::close);
        }
        assertThat(digests).as("block of %s", shard).hasSize(3);
        assertThat(digests.stream().distinct()).hasSize(1);
    }

    private String leader(String channel) {
        ok("status", "--json", "--dir", dir());
        for (JsonNode node : Json.read(terminal.out(), JsonNode.class).path("nodes")) {
            for (JsonNode at : node.path("channels")) {
                if (at.path("name").asString().equals(channel)) {
                    return at.path("leader").asString();
                }
            }
        }
        throw new AssertionError("no leader of " + channel + " in " + terminal.out());
    }

    private RedisClient client(String node) throws IOException {
        Integer port = ports.get(node);
        if (port == null) {
            throw new IOException("no such node: " + node);
        }
        return new RedisClient(port);
    }

    private String once(String node, String... words) throws IOException {
        try (RedisClient client = client(node)) {
            return String.valueOf(client.ask(words));
        }
    }

    private void ok(String... words) {
        assertThat(terminal.run(words))
                .as("%s%n%s", String.join(" ", words), terminal.err())
                .isZero();
    }

    private String dir() {
        return temp.resolve("net").toString();
    }
}
