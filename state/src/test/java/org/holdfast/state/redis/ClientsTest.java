package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Programs of others that speak Redis, as they are: redis-cli, redis-benchmark. Jedis and Lettuce: module clients.
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
