package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
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

    private void ok(String... words) {
        assertThat(terminal.run(words))
                .as(String.join(" ", words) + ": " + terminal.err())
                .isZero();
    }
}
