package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/// A real redis-server (Debian's 7.0.15): the oracle.
final class RealRedis implements AutoCloseable {
    private final Process process;
    private final int port;

    /// @param options as on its command line, without the dashes: name, value, name, value
    RealRedis(Path directory, String... options) throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> words = new ArrayList<>(List.of(
                "redis-server",
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                directory.toString(),
                "--enable-debug-command",
                "yes"));
        words.addAll(List.of(options));
        try {
            process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("redis.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new AssertionError("redis-server is needed (`apt-get install redis-server`)", e);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(this::answers);
    }

    private boolean answers() {
        if (!process.isAlive()) {
            fail("redis-server ended");
        }
        try (RawClient client = new RawClient(port)) {
            return client.call("PING").equals("+PONG\r\n");
        } catch (IOException _) {
            return false;
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
