package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.holdfast.env.World;
import org.holdfast.identity.Pem;
import org.holdfast.transport.TlsKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// ZanKV's HTTP paths at the operations ports of three real nodes: shapes and names as its data nodes answer.
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KeyspaceHttpTest {
    private static final Terminal TERMINAL = new Terminal();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    static Path temp;

    private static List<Integer> ports;
    private static int redisPort;

    @BeforeAll
    static void aNetwork() {
        ok("up", "--detach");
        ok("keyspace", "create", "web", "--shards", "2");
        ok("status", "--json");
        ports = new ArrayList<>();
        JsonNode nodes = Json.read(TERMINAL.out(), JsonNode.class).path("nodes");
        for (JsonNode node : nodes) {
            ports.add(operations(node.path("name").asString("")));
        }
        redisPort = nodes.path(0).path("redisPort").asInt(0);
    }

    @AfterAll
    static void leaveNoProcess() {
        HTTP.close();
        if (Files.exists(temp.resolve("net/network.json"))) {
            TERMINAL.run("destroy", "--yes", "--dir", temp.resolve("net").toString());
        }
    }

    private static int operations(String node) {
        Network network = new NetworkDir(World.real().disk(), temp.resolve("net")).load();
        return network.node(node).ports().operations();
    }

    @Test
    void aNodeSaysWhoItIs() throws Exception {
        assertThat(get("/ping").body()).isEqualTo("OK");
        JsonNode info = json(get("/info"));
        assertThat(info.path("http_port").asInt()).isEqualTo(ports.getFirst());
        assertThat(info.path("redis_port").asInt()).isEqualTo(redisPort);
        assertThat(info.path("start_time").asLong()).isPositive();
        assertThat(info.path("version").asString("")).isNotEmpty();
        assertThat(info.path("broadcast_address").asString("")).isNotEmpty();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(get("/node/allready").statusCode()).isEqualTo(200));
    }

    @Test
    void statsCountWritesInBinsWhereTheyAreAppliedAndAnswered() throws Exception {
        long[] before = {sum("db_write_stats"), sum("cluster_write_stats")};
        for (int i = 0; i < 10; i++) {
            redis("SET", "web:stats:" + i, "v".repeat(3000));
        }
        redis("SCAN", "0");
        assertThat(sum("db_write_stats") - before[0]).isEqualTo(10);
        assertThat(sum("cluster_write_stats") - before[1]).isEqualTo(10);
        JsonNode stats = json(get("/stats?leader_only=false&table_detail=true"));
        assertThat(stats.path("up_time").isIntegralNumber()).isTrue();
        JsonNode first = stats.path("stats").path("ns_stats").path(0);
        for (String part : List.of("db_write_stats", "cluster_write_stats")) {
            assertThat(first.path(part).path("value_size_stats")).as(part).hasSize(16);
            assertThat(first.path(part).path("write_latency_stats")).as(part).hasSize(16);
        }
        assertThat(first.path("eng_type").asString()).isEqualTo("rocksdb");
        assertThat(first.path("internal_stats").path("memory_bytes").asLong()).isPositive();
        assertThat(first.path("db_compact_stats").has("expired_clean_cnt")).isTrue();
        JsonNode scans = stats.path("stats").path("scan_stats");
        assertThat(scans.path("scan_count").asLong()).isPositive();
        assertThat(scans.path("scan_latency_stats")).hasSize(16);
        List<String> names = new ArrayList<>();
        stats.path("stats")
                .path("ns_stats")
                .forEach(one -> names.add(one.path("name").asString()));
        assertThat(names).contains("web-0", "web-1", "default-0");
        // Nodes are asked one after the other: an election between two of them is no fault.
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            int leaders = 0;
            for (int port : ports) {
                JsonNode led =
                        json(send(port, "/stats", "GET", "")).path("stats").path("ns_stats");
                led.forEach(one -> assertThat(one.path("is_leader").asBoolean()).isTrue());
                leaders += led.size();
            }
            assertThat(leaders).isEqualTo(3);
        });
        assertThat(get("/stats?leader_only=maybe").statusCode()).isEqualTo(400);
    }

    @Test
    void tablesAndLargeCollectionsAreTold() throws Exception {
        redis("SET", "web:census:a", "1");
        redis("SET", "web:census:b", "1");
        String[] words = new String[42];
        words[0] = "SADD";
        words[1] = "web:census:large";
        for (int i = 2; i < words.length; i++) {
            words[i] = "member" + i;
        }
        redis(words);
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    JsonNode table = json(get("/tablestats?table=census&leader_only=false"))
                            .path("table_stats")
                            .path("web");
                    assertThat(table.path("key_num").asLong()).isEqualTo(3);
                    assertThat(table.path("name").asString()).isEqualTo("census");
                    assertThat(get("/stats?leader_only=false&table_detail=true").body())
                            .contains("{\"Key\":\"web:census:large\",\"Cnt\":40}");
                });
        assertThat(get("/tablestats").statusCode()).isEqualTo(400);
    }

    @Test
    void raftTellsWhoLeadsAndHowFarMembersAre() {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(this::raftTells);
    }

    /// Nodes are asked one after the other: an election between two of them is no fault.
    private void raftTells() throws Exception {
        JsonNode leader = json(get("/cluster/leader/web-0"));
        assertThat(leader.path("group_name").asString()).isEqualTo("web-0");
        assertThat(json(get("/cluster/members/web-0"))).hasSize(3);
        assertThat(get("/cluster/leader/web-7").statusCode()).isEqualTo(404);
        assertThat(get("/cluster/israftsynced/web-1").statusCode()).isEqualTo(200);
        int leaders = 0;
        for (int port : ports) {
            JsonNode all = json(send(port, "/raft/stats?namespace=web-0", "GET", ""));
            assertThat(all).hasSize(1);
            JsonNode one = all.path(0);
            assertThat(one.path("leader_info").path("id").asString(""))
                    .isEqualTo(leader.path("id").asString());
            assertThat(one.path("members")).hasSize(3);
            JsonNode stat = one.path("raft_stat");
            assertThat(stat.path("term").asLong()).isPositive();
            assertThat(stat.path("applied").asLong())
                    .isLessThanOrEqualTo(stat.path("commit").asLong());
            if (stat.path("raft_state").asString("").equals("StateLeader")) {
                leaders++;
                assertThat(stat.path("progress")).hasSize(2);
                for (JsonNode progress : stat.path("progress")) {
                    assertThat(progress.path("next").asLong())
                            .isGreaterThan(progress.path("match").asLong());
                }
            } else {
                assertThat(stat.path("raft_state").asString()).isEqualTo("StateFollower");
                assertThat(stat.has("progress")).isFalse();
            }
        }
        assertThat(leaders).isEqualTo(1);
    }

    @Test
    void aRangeIsRemovedOnAllNodes() throws Exception {
        for (int i = 0; i < 30; i++) {
            redis("SET", "web:range:%02d".formatted(i), "v");
        }
        String body = "{\"start_from\":\"%s\",\"end_to\":\"%s\",\"dryrun\":%b}";
        String dry = body.formatted(base64("10"), base64("20"), true);
        assertThat(json(post("/kv/delrange/web/range", dry)).path("keys").asLong())
                .isEqualTo(10);
        assertThat(redis("TABLE.SIZE", "web:range:")).isEqualTo("30");
        JsonNode done = json(post("/kv/delrange/web/range", body.formatted(base64("10"), base64("20"), false)));
        assertThat(done.toString()).isEqualTo("{\"keys\":10,\"dryrun\":false,\"complete\":true}");
        assertThat(redis("TABLE.SIZE", "web:range:")).isEqualTo("20");
        for (String wrong : List.of("", "{}", "[]", "{\"start_from\":\"?\"}", "{\"delete_all\":\"yes\"}")) {
            HttpResponse<String> refused = post("/kv/delrange/web/range", wrong);
            assertThat(refused.statusCode()).as(wrong).isEqualTo(400);
            assertThat(json(refused).path("message").asString("")).as(wrong).isNotEmpty();
        }
        assertThat(post("/kv/delrange/web/ra\"nge", "{\"delete_all\":true}").statusCode())
                .isEqualTo(400);
        assertThat(post("/kv/delrange/none/range", "{\"delete_all\":true}").statusCode())
                .isEqualTo(503);
        assertThat(json(post("/kv/delrange/web/range", "{\"delete_all\":true}"))
                        .path("keys")
                        .asLong())
                .isEqualTo(20);
        assertThat(redis("TABLE.SIZE", "web:range:")).isEqualTo("0");
        assertThat(redis("TABLE.DELRANGE", "web:range:", "", "", "10")).startsWith("-ERR not supported");
        ok("state", "compare");
    }

    @Test
    void optimizingGoesShardByShardInTheBackground() throws Exception {
        redis("SET", "web:opt:a", "v");
        HttpResponse<String> begun = post("/kv/optimize/web", "");
        assertThat(begun.statusCode()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            JsonNode progress = json(get("/kv/optimize"));
            assertThat(progress.path("state").asString()).isEqualTo("done");
            assertThat(progress.path("shard").asInt()).isEqualTo(2);
            assertThat(progress.path("of").asInt()).isEqualTo(2);
            assertThat(progress.path("shards").path(0).has("problem")).isFalse();
            assertThat(progress.path("shards").path(0).path("bytes_after").asLong())
                    .isPositive();
        });
        assertThat(post("/kv/disable_optimize", "").statusCode()).isEqualTo(200);
        assertThat(post("/kv/optimize", "").statusCode()).isEqualTo(403);
        assertThat(post("/kv/enable_optimize", "").statusCode()).isEqualTo(200);
        assertThat(post("/kv/optimize/nothing/here", "").statusCode()).isEqualTo(404);
    }

    @Test
    void hotKeysAreCountedOnDemand() throws Exception {
        assertThat(post("/topn/enable/default", "").statusCode()).isEqualTo(200);
        assertThat(post("/topn/enable/nowhere", "").statusCode()).isEqualTo(404);
        for (int i = 0; i < 5; i++) {
            redis("INCR", "default:hot:one");
        }
        assertThat(get("/stats?leader_only=false&table_detail=true").body())
                .contains("{\"Key\":\"default:hot:one\",\"Cnt\":5,\"Err\":0}");
        assertThat(post("/topn/clear/default", "").statusCode()).isEqualTo(200);
        assertThat(get("/stats?leader_only=false&table_detail=true").body()).doesNotContain("default:hot:one");
        assertThat(post("/topn/disable/default", "").statusCode()).isEqualTo(200);
    }

    @Test
    void slowRequestsAreShown() throws Exception {
        redis("CONFIG", "SET", "slowlog-log-slower-than", "0");
        redis("SET", "web:slow:key", "say \"slow\"");
        redis("CONFIG", "SET", "slowlog-log-slower-than", "10000");
        JsonNode slow = json(get("/slowlog"));
        assertThat(slow.toString()).contains("[\"SET\",\"web:slow:key\",\"say \\\"slow\\\"\"]");
        assertThat(slow.path(0).path("door").asString()).isEqualTo("full");
        assertThat(slow.path(0).path("micros").isIntegralNumber()).isTrue();
        assertThat(json(get("/slowlog?count=1"))).hasSize(1);
        assertThat(get("/slowlog?count=many").statusCode()).isEqualTo(400);
    }

    @Test
    void whatIsWrongIsSaidInJson() throws Exception {
        HttpResponse<String> method = get("/kv/delrange/web/range");
        assertThat(method.statusCode()).isEqualTo(405);
        assertThat(json(method).path("message").asString("")).contains("POST");
        assertThat(json(get("/nowhere")).path("message").asString("")).contains("/stats");
        assertThat(get("/stats?x=" + "y".repeat(5000)).statusCode()).isEqualTo(414);
        assertThat(post("/kv/delrange/web/range", " ".repeat(100_000)).statusCode())
                .isEqualTo(413);
        HttpRequest fromAPage = request(ports.getFirst(), "/kv/optimize", "POST", "")
                .header("Origin", "http://elsewhere.example")
                .build();
        assertThat(HTTP.send(fromAPage, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
    }

    /// Last: the third node's port speaks TLS afterwards.
    @Test
    @Order(Integer.MAX_VALUE)
    void whoMayChangeSomethingIsDecidedByAddressAndCertificate() throws Exception {
        Path settings = temp.resolve("net/nodes/node3/orderer.yaml");
        String plain = Files.readString(settings);
        int port = ports.get(2);
        String listen = "Operations:\n  ListenAddress: 127.0.0.1:" + port + "\n";
        assertThat(plain).contains(listen);
        restarted(settings, plain.replace(listen, listen.replace("127.0.0.1", "0.0.0.0")));
        assertThat(send(port, "/stats", "GET", "").statusCode()).isEqualTo(200);
        for (String path : List.of("/kv/optimize", "/kv/delrange/web/t", "/topn/enable/web", "/kv/disable_optimize")) {
            HttpResponse<String> refused = send(port, path, "POST", "{\"delete_all\":true}");
            assertThat(refused.statusCode()).as(path).isEqualTo(403);
            assertThat(json(refused).path("message").asString("")).contains("Operations.TLS");
        }
        String tls = "  TLS:\n    Enabled: true\n    PrivateKey: %s\n    Certificate: %s\n    ClientRootCAs: ['%s']\n"
                .formatted(
                        between(plain, "PrivateKey: ", "\n"),
                        between(plain, "Certificate: ", "\n"),
                        between(plain, "RootCAs:\n", "\n").replace("- ", ""));
        restarted(settings, plain.replace(listen, listen + tls));
        try (HttpClient stranger = secure(plain, false);
                HttpClient operator = secure(plain, true)) {
            assertThat(secured(stranger, "/ping", "GET").body()).isEqualTo("OK");
            for (String page : List.of("/stats", "/raft/stats", "/info", "/slowlog", "/cluster/leader/web-0")) {
                assertThat(secured(stranger, page, "GET").statusCode()).as(page).isEqualTo(401);
                assertThat(secured(operator, page, "GET").statusCode()).as(page).isEqualTo(200);
            }
            HttpResponse<String> refused = secured(stranger, "/kv/disable_optimize", "POST");
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(json(refused).path("message").asString("")).contains("certificate");
            assertThat(secured(operator, "/kv/disable_optimize", "POST").statusCode())
                    .isEqualTo(200);
        }
    }

    private static void restarted(Path settings, String text) throws IOException {
        ok("stop", "node3");
        Files.writeString(settings, text);
        ok("start", "node3");
    }

    private static HttpResponse<String> secured(HttpClient client, String path, String method) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + ports.get(2) + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(30))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    /// A client that trusts the nodes' authority, with the node's certificate or with none.
    private static HttpClient secure(String settings, boolean certified) throws Exception {
        Path home = temp.resolve("net/nodes/node3");
        Path key = home.resolve(between(settings, "PrivateKey: ", "\n"));
        Path root = home.resolve(between(settings, "RootCAs:\n", "\n").replace("- ", ""));
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        roots.setCertificateEntry("root", Pem.firstCertificate(Files.readAllBytes(root), "root"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        TlsKeys keys = TlsKeys.load(World.real().disk(), key.resolveSibling("server.crt"), key);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(certified ? new KeyManager[] {keys.keyManager()} : null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build();
    }

    private static String between(String text, String from, String to) {
        int begin = text.indexOf(from) + from.length();
        return text.substring(begin, text.indexOf(to, begin))
                .strip()
                .replace("'", "")
                .replace("\"", "");
    }

    private static long sum(String part) throws Exception {
        long sum = 0;
        for (JsonNode shard :
                json(get("/stats?leader_only=false")).path("stats").path("ns_stats")) {
            if (shard.path("name").asString("").startsWith("web")) {
                for (JsonNode bin : shard.path(part).path("write_latency_stats")) {
                    sum += bin.asLong();
                }
            }
        }
        return sum;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String redis(String... words) throws IOException {
        try (RedisClient client = new RedisClient(redisPort)) {
            return String.valueOf(client.ask(words));
        }
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return send(ports.getFirst(), path, "GET", "");
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return send(ports.getFirst(), path, "POST", body);
    }

    private static HttpResponse<String> send(int port, String path, String method, String body) throws Exception {
        return HTTP.send(request(port, path, method, body).build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(int port, String path, String method, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path.replace("\"", "%22")))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .timeout(Duration.ofSeconds(30));
    }

    private static JsonNode json(HttpResponse<String> response) {
        return Json.read(response.body(), JsonNode.class);
    }

    private static void ok(String... words) {
        TERMINAL.expect(0, temp.resolve("net"), words);
    }
}
