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
import org.holdfast.drill.ClassArchive;
import org.holdfast.env.World;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A network as on real hosts: three nodes in directories that know nothing of each other, run by `holdfast node run`
/// as a service manager would, the channel `orders`, the keyspace `stock` behind doors for Redis clients, and clients
/// `app` (User1 of Acme) and `ops` (Admin of Ordering).
final class Hosts implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int PORTS = 5;
    private static final List<String> NAMES = List.of("orderer1", "orderer2", "orderer3");

    private final Terminal terminal = new Terminal();
    private final Path home;
    private final List<Path> nodes = new ArrayList<>();
    private final List<@Nullable Process> running = new ArrayList<>();
    private final List<Integer> doors = new ArrayList<>();

    /// Makes the directories and copies each to a place of its own; what made them is gone.
    Hosts(Path home) throws IOException {
        this.home = home;
        create();
        Path made = home.resolve("made");
        for (String node : NAMES) {
            nodes.add(copy(made.resolve("nodes").resolve(node), home.resolve("host-of-" + node + "/srv/node")));
            running.add(null);
        }
        for (String client : List.of("app", "ops")) {
            copy(made.resolve("clients").resolve(client), client(client));
        }
        copy(made.resolve("organizations"), home.resolve("vault"));
        World.real().disk().deleteTree(made);
    }

    List<Path> nodes() {
        return List.copyOf(nodes);
    }

    /// Port for Redis clients that name keys in full, over TLS.
    int redisPort(int node) {
        return doors.get(node);
    }

    Path client(String name) {
        return home.resolve("elsewhere").resolve(name);
    }

    /// The MSP directory of an admin whose key lies where no node and no client sees it.
    Path admin(String kind, String domain) {
        return home.resolve("vault/%s/%s/users/Admin@%s/msp".formatted(kind, domain, domain));
    }

    /// Starts all that do not run and waits until they order.
    void start() throws IOException {
        for (int i = 0; i < nodes.size(); i++) {
            Process process = running.get(i);
            if (process == null || !process.isAlive()) {
                running.set(i, run(nodes.get(i)));
            }
        }
        await().atMost(PATIENCE).until(() -> {
            requireAllRun();
            return nodes.stream().allMatch(this::ready);
        });
    }

    private void requireAllRun() throws IOException {
        for (int i = 0; i < nodes.size(); i++) {
            Process process = running.get(i);
            if (process != null && !process.isAlive()) {
                List<String> said = Files.readAllLines(log(nodes.get(i)));
                throw new AssertionError("%s has ended: %s"
                        .formatted(NAMES.get(i), said.subList(Math.max(0, said.size() - 20), said.size())));
            }
        }
    }

    private static Path log(Path node) {
        return node.resolve("run.log");
    }

    boolean ready(int node) {
        return ready(nodes.get(node));
    }

    /// Ends one cleanly.
    void stop(int node) throws InterruptedException {
        Process process = running.get(node);
        if (process != null) {
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    /// SIGKILL.
    void kill(int node) {
        Process process = running.get(node);
        if (process != null) {
            List<ProcessHandle> under = process.descendants().toList();
            under.forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().onExit().join();
            // Who starts it again at once must find its ports free.
            under.forEach(each -> each.onExit().orTimeout(30, TimeUnit.SECONDS).join());
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < running.size(); i++) {
            kill(i);
        }
    }

    private void create() throws IOException {
        List<Integer> ports = FreePorts.choose(
                "127.0.0.1",
                NAMES.size() * PORTS,
                OptionalInt.empty(),
                World.real().chance());
        StringBuilder text = new StringBuilder("""
                network: here
                organizations:
                  - {name: Ordering, mspId: OrderingMSP, domain: ordering.test, kind: orderer}
                  - {name: Acme, mspId: AcmeMSP, domain: acme.test, kind: peer, users: [User1]}
                clients:
                  - {name: app, organization: Acme, user: User1}
                  - {name: ops, organization: Ordering, user: Admin}
                channels:
                  - {name: orders, members: [Acme], raft: {tick: 100ms}}
                keyspaces:
                  - {name: stock, members: [Acme], raft: {tick: 100ms}}
                nodes:
                """);
        for (int i = 0; i < NAMES.size(); i++) {
            List<Integer> own = ports.subList(PORTS * i, PORTS * (i + 1));
            doors.add(own.get(3));
            text.append(("  - {name: orderer%d, organization: Ordering, host: 127.0.0.1, listen: 127.0.0.1, zone: z%d,"
                            + " redisListen: 0.0.0.0,"
                            + " ports: {general: %d, raft: %d, operations: %d, redis: %d, redisPlain: %d}}\n")
                    .formatted(i + 1, i + 1, own.get(0), own.get(1), own.get(2), own.get(3), own.get(4)));
        }
        Path file = Files.writeString(home.resolve("network.yaml"), text);
        assertThat(terminal.run(
                        "network",
                        "create",
                        "-f",
                        file.toString(),
                        "-o",
                        home.resolve("made").toString()))
                .as(terminal.err())
                .isZero();
    }

    /// The command as a process of its own.
    static ProcessBuilder process(List<String> arguments) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        words.addAll(ClassArchive.words(World.real()));
        words.add("org.holdfast.cli.Main");
        words.addAll(arguments);
        return new ProcessBuilder(words);
    }

    private static Process run(Path node) throws IOException {
        return process(List.of("node", "run", node.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log(node).toFile()))
                .start();
    }

    private boolean ready(Path node) {
        if (terminal.run("status", "--json", "--dir", node.toString()) != 0) {
            return false;
        }
        JsonNode channels =
                Json.read(terminal.out(), JsonNode.class).path("nodes").path(0).path("channels");
        return channels.size() == 2
                && channels.valueStream()
                        .noneMatch(channel -> channel.path("leader").isNull());
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
