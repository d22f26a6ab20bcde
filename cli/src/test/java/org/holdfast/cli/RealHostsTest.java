package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Lines through a client's profile, to a network as on real hosts.
@Tag("slow")
class RealHostsTest {
    private final Terminal terminal = new Terminal();

    @TempDir
    Path temp;

    @Test
    void copiedNodesServeACopiedClient() throws Exception {
        try (Hosts hosts = new Hosts(temp)) {
            hosts.start();
            Path client = hosts.client("app");
            Path lines = Files.writeString(temp.resolve("lines.txt"), "first\nsecond\n");
            ok("submit", "--dir", client.toString(), "--channel", "orders", "--lines", "--file", lines.toString());
            assertThat(terminal.out()).startsWith("2 durable, 0 refused");
            ok("feed", "--dir", client.toString(), "--channel", "orders", "--payload", "--node", "orderer3");
            assertThat(terminal.out()).isEqualTo("first\nsecond\n");

            hosts.stop(2);
            assertThat(hosts.ready(2)).isFalse();
            hosts.start();
            ok("feed", "--dir", client.toString(), "--channel", "orders", "--payload", "--node", "orderer3");
            assertThat(terminal.out()).isEqualTo("first\nsecond\n");
        }
    }

    /// The client is redis-cli: a program of others, with the certificate that the plan made for it.
    @Test
    void aKeyspaceOfThePlanServesRedisClientsThatShowACertificate() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/redis-cli")), "redis-cli is not installed");
        try (Hosts hosts = new Hosts(temp)) {
            hosts.start();
            String settings = Files.readString(hosts.nodes().getFirst().resolve("orderer.yaml"));
            assertThat(settings).contains("Keyspace: stock", "ClientAuthRequired: true");
            Path tls = hosts.client("app").resolve("tls");
            List<String> shown = List.of(
                    "--cert",
                    tls.resolve("client.crt").toString(),
                    "--key",
                    tls.resolve("client.key").toString());
            String roots = hosts.client("app")
                    .resolve("trust/ordering.test/msp/tlscacerts/tlsca.ordering.test-cert.pem")
                    .toString();
            assertThat(redis(hosts.redisPort(0), roots, shown, "SET", "stock:items:bolt", "12"))
                    .isEqualTo("OK\n");
            assertThat(redis(hosts.redisPort(2), roots, shown, "GET", "stock:items:bolt"))
                    .isEqualTo("12\n");
            assertThat(redis(hosts.redisPort(0), roots, List.of(), "GET", "stock:items:bolt"))
                    .doesNotContain("12");
        }
    }

    private static String redis(int port, String roots, List<String> shown, String... command) throws Exception {
        List<String> words = new ArrayList<>(
                List.of("redis-cli", "-h", "127.0.0.1", "-p", String.valueOf(port), "--tls", "--cacert", roots));
        words.addAll(shown);
        words.addAll(List.of(command));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    private void ok(String... words) {
        assertThat(terminal.run(words))
                .as(String.join(" ", words) + ": " + terminal.err())
                .isZero();
    }
}
