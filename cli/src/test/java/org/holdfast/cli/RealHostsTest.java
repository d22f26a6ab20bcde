package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.holdfast.env.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A network made for real hosts, its directories copied to other places, run by `holdfast node run` as a service
/// manager would: three processes, then lines through a client's profile.
@Tag("slow")
class RealHostsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Terminal terminal = new Terminal();
    private final List<Process> running = new ArrayList<>();

    @TempDir
    Path temp;

    @AfterEach
    void leaveNoProcess() throws InterruptedException {
        for (Process process : running) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void copiedNodesServeACopiedClient() throws Exception {
        create();
        List<Path> nodes = new ArrayList<>();
        for (String node : List.of("orderer1", "orderer2", "orderer3")) {
            nodes.add(copy(temp.resolve("made/nodes").resolve(node), temp.resolve("host-of-" + node + "/srv/node")));
        }
        Path client = copy(temp.resolve("made/clients/app"), temp.resolve("elsewhere/app"));
        World.real().disk().deleteTree(temp.resolve("made"));
        for (Path node : nodes) {
            running.add(start(node));
        }
        await().atMost(PATIENCE).until(() -> nodes.stream().allMatch(this::ready));

        Path lines = Files.writeString(temp.resolve("lines.txt"), "first\nsecond\n");
        ok("submit", "--dir", client.toString(), "--channel", "orders", "--lines", "--file", lines.toString());
        assertThat(terminal.out()).startsWith("2 durable, 0 refused");
        ok("feed", "--dir", client.toString(), "--channel", "orders", "--payload", "--node", "orderer3");
        assertThat(terminal.out()).isEqualTo("first\nsecond\n");

        Process third = running.removeLast();
        third.destroy();
        assertThat(third.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(ready(nodes.getLast())).isFalse();
        running.add(start(nodes.getLast()));
        await().atMost(PATIENCE).until(() -> ready(nodes.getLast()));
        ok("feed", "--dir", client.toString(), "--channel", "orders", "--payload", "--node", "orderer3");
        assertThat(terminal.out()).isEqualTo("first\nsecond\n");
    }

    private void create() throws IOException {
        List<Integer> ports = FreePorts.choose(
                "127.0.0.1", 9, OptionalInt.empty(), World.real().chance());
        StringBuilder text = new StringBuilder("""
                network: here
                organizations:
                  - {name: Ordering, mspId: OrderingMSP, domain: ordering.test, kind: orderer}
                  - {name: Acme, mspId: AcmeMSP, domain: acme.test, kind: peer, users: [User1]}
                clients:
                  - {name: app, organization: Acme, user: User1}
                channels:
                  - {name: orders, members: [Acme], raft: {tick: 100ms}}
                nodes:
                """);
        for (int i = 0; i < 3; i++) {
            text.append(("  - {name: orderer%d, organization: Ordering, host: 127.0.0.1, listen: 127.0.0.1, zone: z%d,"
                            + " ports: {general: %d, raft: %d, operations: %d}}\n")
                    .formatted(i + 1, i + 1, ports.get(3 * i), ports.get(3 * i + 1), ports.get(3 * i + 2)));
        }
        Path file = Files.writeString(temp.resolve("network.yaml"), text);
        ok(
                "network",
                "create",
                "-f",
                file.toString(),
                "-o",
                temp.resolve("made").toString());
    }

    private Process start(Path node) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.holdfast.cli.Main",
                        "node",
                        "run",
                        node.toString())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(node.resolve("run.log").toFile()))
                .start();
    }

    private boolean ready(Path node) {
        if (terminal.run("status", "--json", "--dir", node.toString()) != 0) {
            return false;
        }
        var channel = Json.read(terminal.out(), tools.jackson.databind.JsonNode.class)
                .path("nodes")
                .path(0)
                .path("channels")
                .path(0);
        return channel.path("name").asString("").equals("orders")
                && !channel.path("leader").isNull();
    }

    private void ok(String... words) {
        assertThat(terminal.run(words))
                .as(String.join(" ", words) + ": " + terminal.err())
                .isZero();
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path path : walk.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        return to;
    }
}
