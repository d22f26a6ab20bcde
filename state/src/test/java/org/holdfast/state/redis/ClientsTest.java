package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.ProtocolVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;

/// Programs of others that speak Redis, as they are: Jedis, Lettuce (RESP3), redis-cli, redis-benchmark.
class ClientsTest {
    private static Site site;

    @BeforeAll
    static void open(@TempDir Path directory) throws Exception {
        DoorSettings settings = new DoorSettings("127.0.0.1", 0, Site.PLAIN)
                .withUsers(List.of("user default on nopass ~* +@all", "user app on >pw ~default:main:app:* +@all"));
        site = new Site(directory, settings, null);
    }

    @AfterAll
    static void close() {
        site.close();
    }

    @Test
    void jedis() {
        try (Jedis jedis = new Jedis("127.0.0.1", site.door.port())) {
            assertThat(jedis.set("j", "1")).isEqualTo("OK");
            assertThat(jedis.incrBy("j", 41)).isEqualTo(42);
            Pipeline pipeline = jedis.pipelined();
            List<Response<Long>> replies = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                replies.add(pipeline.incr("p"));
            }
            pipeline.sync();
            assertThat(replies.getLast().get()).isEqualTo(500);
            jedis.watch("j");
            Transaction transaction = jedis.multi();
            transaction.set("j", "x");
            Response<String> read = transaction.get("j");
            assertThat(transaction.exec()).hasSize(2);
            assertThat(read.get()).isEqualTo("x");
            assertThat(jedis.clientGetname()).isNull();
            assertThat(jedis.info("server")).contains("redis_version:7");
        }
        try (Jedis jedis = new Jedis("127.0.0.1", site.door.port())) {
            jedis.auth("app", "pw");
            assertThat(jedis.set("app:a", "1")).isEqualTo("OK");
            assertThat(jedis.aclWhoAmI()).isEqualTo("app");
        }
    }

    @Test
    void lettuceWithTheThirdVersion() throws Exception {
        RedisURI uri = RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(site.door.port())
                .withAuthentication("app", "pw")
                .withClientName("lettuce-test")
                .withTimeout(Duration.ofSeconds(20))
                .build();
        RedisClient client = RedisClient.create(uri);
        client.setOptions(
                ClientOptions.builder().protocolVersion(ProtocolVersion.RESP3).build());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            var sync = connection.sync();
            assertThat(sync.set("app:k", "v")).isEqualTo("OK");
            assertThat(sync.get("app:k")).isEqualTo("v");
            assertThat(sync.get("app:none")).isNull();
            assertThat(sync.clientGetname()).isEqualTo("lettuce-test");
            assertThat(sync.configGet("timeout")).containsEntry("timeout", "0");
            assertThat(sync.clientList()).contains("user=app", "resp=3", "lib-name=");
            var async = connection.async();
            List<io.lettuce.core.RedisFuture<Long>> futures = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                futures.add(async.incr("app:n"));
            }
            assertThat(futures.getLast().get(20, TimeUnit.SECONDS)).isEqualTo(500);
            sync.multi();
            sync.incr("app:n");
            sync.get("app:k");
            TransactionResult result = sync.exec();
            assertThat(result.<Long>get(0)).isEqualTo(501);
            assertThat(result.<String>get(1)).isEqualTo("v");
        } finally {
            client.shutdown();
        }
    }

    @Test
    void redisCli() throws Exception {
        assertThat(run("redis-cli", "-p", port(), "set", "c", "hello world")).isEqualTo("OK\n");
        assertThat(run("redis-cli", "-3", "-p", port(), "get", "c")).isEqualTo("hello world\n");
        assertThat(run("redis-cli", "-p", port(), "--user", "app", "--pass", "pw", "--no-auth-warning", "get", "c"))
                .contains("NOPERM");
        assertThat(run("redis-cli", "-3", "-p", port(), "hello")).contains("proto", "3", "standalone");
        assertThat(run("redis-cli", "-p", port(), "-r", "3", "incr", "r")).isEqualTo("1\n2\n3\n");
    }

    @Test
    void redisBenchmark() throws Exception {
        String text = run(
                "redis-benchmark",
                "-p",
                port(),
                "-n",
                "2000",
                "-c",
                "10",
                "-P",
                "16",
                "-t",
                "ping,set,get,incr",
                "--csv");
        assertThat(text).contains("\"PING_INLINE\"", "\"PING_MBULK\"", "\"SET\"", "\"GET\"", "\"INCR\"");
        assertThat(text).doesNotContain("rror");
    }

    private static String port() {
        return Integer.toString(site.door.port());
    }

    static String run(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return text;
    }
}
