package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.holdfast.env.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `keyspace create|list|info|drop` on one network of three real nodes, shared by the tests.
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KeyspaceTest {
    private static final int KILLS = 3;
    private static final Terminal TERMINAL = new Terminal();

    @TempDir
    static Path temp;

    @BeforeAll
    static void aNetwork() throws IOException {
        ok("up", "--detach");
        assertThat(redis(redisPorts("redisPort").getFirst(), "SET", "default:demo:greeting", "hello"))
                .isEqualTo("OK");
    }

    @AfterAll
    static void leaveNoProcess() {
        TERMINAL.destroy(net());
    }

    @Test
    @Order(1)
    void upMakesAKeyspaceThatEveryNodeServes() throws IOException {
        ok("status", "--json");
        List<Integer> ports = redisPorts("redisPort");
        assertThat(ports).hasSize(3);
        assertThat(redis(ports.get(2), "GET", "default:demo:greeting")).isEqualTo("hello");
        List<Integer> plain = redisPorts("redisPlainPort");
        assertThat(redis(plain.get(1), "SET", "bare", "key")).isEqualTo("OK");
        assertThat(redis(ports.get(0), "GET", "default:app:bare")).isEqualTo("key");
        ok("keyspace", "list");
        assertThat(TERMINAL.out()).containsPattern("default +1 +yes +2");
    }

    @Test
    @Order(2)
    void createTwiceAndTwoAtOnceIsOneKeyspace() {
        List<CompletableFuture<Integer>> creations = new ArrayList<>();
        List<Terminal> terminals = List.of(new Terminal(), new Terminal());
        for (Terminal terminal : terminals) {
            CompletableFuture<Integer> code = new CompletableFuture<>();
            creations.add(code);
            World.real()
                    .start(
                            "create",
                            () -> code.complete(
                                    terminal.runIn(net(), "keyspace", "create", "My_data", "--shards", "2")));
        }
        for (int i = 0; i < 2; i++) {
            assertThat(creations.get(i).join()).as(terminals.get(i).err()).isZero();
        }
        ok("keyspace", "create", "My_data", "--shards", "2");
        run(1, "keyspace", "create", "My_data", "--shards", "3");
        assertThat(TERMINAL.err()).contains("is there already, with 2 shards");
        run(2, "keyspace", "create", "my-data");
        assertThat(TERMINAL.err()).contains("no name of a keyspace");
        run(1, "keyspace", "info", "other");
        assertThat(TERMINAL.err()).contains("there are My_data, default");
    }

    @Test
    @Order(3)
    void infoShowsEachShardOnEachNode() throws IOException {
        int port = redisPorts("redisPort").get(1);
        for (int i = 0; i < 20; i++) {
            assertThat(redis(port, "SET", "My_data:t:k" + i, "v")).isEqualTo("OK");
        }
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            ok("keyspace", "info", "My_data", "--json");
            JsonNode info = Json.read(TERMINAL.out(), JsonNode.class);
            assertThat(info.path("whole").asBoolean()).isTrue();
            assertThat(info.path("parts")).hasSize(2);
            for (int node = 0; node < 3; node++) {
                long keys = 0;
                for (JsonNode part : info.path("parts")) {
                    assertThat(part.path("leader").asString("")).startsWith("node");
                    JsonNode place = part.path("nodes").path(node);
                    keys += place.path("keys").asLong();
                    assertThat(place.path("applied").asLong())
                            .isEqualTo(place.path("height").asLong() - 1);
                }
                assertThat(keys).isEqualTo(20);
            }
        });
        ok("keyspace", "info", "My_data");
        assertThat(TERMINAL.out()).contains("kv.-4dy-5fdata.2.1", "with a digest");
    }

    @Test
    @Order(4)
    void dropReachesANodeThatWasDownAndTheNameIsFreeAgain() throws IOException {
        ok("kill", "node3");
        run(2, "keyspace", "drop", "My_data");
        assertThat(TERMINAL.err()).contains("say --yes");
        run(3, "keyspace", "drop", "My_data", "--yes");
        assertThat(TERMINAL.err()).contains("node3 is not running; it drops the keyspace when it starts");
        int port = redisPorts("redisPort").getFirst();
        assertThat(redis(port, "GET", "My_data:t:k1")).contains("no keyspace 'My_data'");
        ok("keyspace", "list");
        assertThat(TERMINAL.out()).doesNotContain("My_data");
        // One of the same name while the third node still has the old one on its disk.
        run(3, "keyspace", "create", "My_data", "--shards", "2");
        ok("start", "node3");
        ok("keyspace", "create", "My_data", "--shards", "2");
        int third = redisPorts("redisPort").get(2);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(redis(third, "SET", "My_data:t:k1", "new")).isEqualTo("OK"));
        assertThat(redis(port, "GET", "My_data:t:k1")).isEqualTo("new");
        assertThat(redis(port, "GET", "My_data:t:k2")).isNull();
        ok("keyspace", "drop", "My_data", "--yes");
        assertNothingLeft("kv.-4dy");
    }

    @Test
    @Order(5)
    void aNodeThatLeftAloneComesBackAsTheNextIncarnation() throws Exception {
        Network network = new NetworkDir(World.real().disk(), temp.resolve("net")).load();
        Path control = new NetworkDir(World.real().disk(), temp.resolve("net")).control(network.node("node2"));
        JsonNode left = new ControlClient(World.real())
                .ask(control, ControlClient.verb("leave").put("channel", "kv.default.1.0"), Duration.ofSeconds(60));
        assertThat(left.path("left").asBoolean()).isTrue();
        ok("stop", "node2");
        ok("start", "node2");
        int port = redisPorts("redisPort").get(1);
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() ->
                        assertThat(redis(port, "GET", "default:demo:greeting")).isEqualTo("hello"));
        JsonNode status =
                new ControlClient(World.real()).ask(control, ControlClient.verb("status"), Duration.ofSeconds(10));
        assertThat(status.path("member").asString("")).endsWith(".2");
        ok("status", "--json");
        JsonNode told = Json.read(TERMINAL.out(), JsonNode.class).path("nodes").path(1);
        assertThat(told.path("ports").path("raft").asInt())
                .as("the later incarnation's own")
                .isEqualTo(status.path("ports").path("raft").asInt())
                .isNotEqualTo(network.node("node2").ports().raft());
    }

    /// A node is killed when its disk shows that it is in the middle of a shard, another shard each time; the same
    /// command finishes it.
    @Test
    @Order(6)
    void whatAKillInterruptsIsFinishedByTheSameCommand() throws IOException {
        for (int round = 0; round < KILLS; round++) {
            String node = "node" + (round + 1);
            String shard = "kv.passing.3." + round;
            String ledger = "net/nodes/" + node + "/data/ledger";
            killedAt(temp.resolve(ledger + "/chains/" + shard), node, "create", "passing", "--shards", "3");
            int port = redisPorts("redisPort").get((round + 1) % 3);
            String value = "round " + round;
            await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
                assertThat(redis(port, "GET", "passing:t:k")).isIn(null, value);
                assertThat(redis(port, "SET", "passing:t:k", value)).isEqualTo("OK");
            });
            killedAt(temp.resolve(ledger + "/leaving/" + shard), node, "drop", "passing", "--yes");
        }
        int port = redisPorts("redisPort").getFirst();
        assertThat(redis(port, "GET", "default:demo:greeting"))
                .as("other keyspaces are as they were")
                .isEqualTo("hello");
    }

    /// Runs a command of `keyspace`, kills a node as soon as a file is there, starts the node, and lets the command
    /// finish what is left to do.
    private static void killedAt(Path file, String node, String... words) {
        ProcessHandle process = ProcessHandle.of(pid(node)).orElseThrow();
        String[] command =
                Stream.concat(Stream.of("keyspace"), Stream.of(words)).toArray(String[]::new);
        Terminal interrupted = new Terminal();
        CompletableFuture<Integer> code = new CompletableFuture<>();
        World.real().start("interrupted", () -> code.complete(interrupted.runIn(net(), command)));
        while (!Files.exists(file) && !code.isDone()) {
            Thread.onSpinWait();
        }
        process.destroyForcibly();
        process.onExit().join();
        assertThat(code.orTimeout(5, TimeUnit.MINUTES).join())
                .as(interrupted.err())
                .isIn(0, 1, 3);
        // Beside the command: the node may have joined what it cannot open before the others have joined it, too.
        CompletableFuture<Integer> started = new CompletableFuture<>();
        World.real().start("start", () -> started.complete(new Terminal().runIn(net(), "start", node)));
        await().atMost(Duration.ofMinutes(4)).untilAsserted(() -> {
            int again = TERMINAL.runIn(net(), command);
            if (words[0].equals("drop")) {
                assertNothingLeft("kv.passing");
            } else {
                assertThat(again).as(TERMINAL.err()).isZero();
            }
        });
        started.orTimeout(5, TimeUnit.MINUTES).join();
    }

    private static long pid(String node) {
        ok("status", "--json");
        return Json.read(TERMINAL.out(), JsonNode.class)
                .path("nodes")
                .valueStream()
                .filter(one -> one.path("name").asString("").equals(node))
                .findFirst()
                .orElseThrow()
                .path("pid")
                .asLong();
    }

    private static void assertNothingLeft(String channels) throws IOException {
        for (int node = 1; node <= 3; node++) {
            Path home = temp.resolve("net/nodes/node" + node + "/data/ledger");
            for (String part : List.of("chains", "state", "seats", "leaving")) {
                try (var files = Files.list(home.resolve(part))) {
                    assertThat(files.map(file -> String.valueOf(file.getFileName())))
                            .noneMatch(name -> name.startsWith(channels));
                }
            }
        }
        assertThat(Files.readString(temp.resolve("net/network.json"))).doesNotContain("dropped", channels);
    }

    private static List<Integer> redisPorts(String field) {
        ok("status", "--json");
        List<Integer> ports = new ArrayList<>();
        Json.read(TERMINAL.out(), JsonNode.class)
                .path("nodes")
                .forEach(node -> ports.add(node.path(field).asInt(0)));
        return ports;
    }

    /// One command in its own connection.
    static @Nullable String redis(int port, String... words) throws IOException {
        try (RedisClient client = new RedisClient(port)) {
            return client.ask(words);
        }
    }

    private static Path net() {
        return temp.resolve("net");
    }

    private static void ok(String... words) {
        run(0, words);
    }

    private static void run(int code, String... words) {
        TERMINAL.expect(code, net(), words);
    }
}
