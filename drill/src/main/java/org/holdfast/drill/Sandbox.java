package org.holdfast.drill;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.holdfast.channel.Consenter;
import org.holdfast.channel.Genesis;
import org.holdfast.channel.GenesisPlan;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.identity.Pem;
import org.holdfast.wire.ChannelId;

/// A few nodes on this machine, each a process of its own, with organisations, a genesis block and a client made for
/// the occasion. Owned by one thread.
public final class Sandbox implements AutoCloseable {
    /// The one channel.
    public static final String CHANNEL = "drill";

    /// The nodes' organisation.
    public static final String ORDERER_MSP = "OrdererMSP";

    /// The clients' organisation.
    public static final String CLIENT_MSP = "ClientsMSP";

    /// Who sends, of the clients' organisation.
    public static final String USER = "User1";

    private static final String ORDERER_DOMAIN = "orderers.drill.local";
    private static final String CLIENT_DOMAIN = "clients.drill.local";
    /// Ports are taken from below the range that systems give to outgoing connections: a node that is down must find
    /// its port free when it comes back.
    private static final int PORTS_FROM = 20_000;

    private static final int PORTS = 12_000;
    /// All nodes start at once, on a machine that may be busy.
    private static final Duration START = Duration.ofMinutes(2);

    private static final int SOCKET_PATH_MAX = 100;
    private static final long LOOK_NANOS = 40_000_000;
    private static final Duration REST = Duration.ofSeconds(2);

    private final World world;
    private final Path directory;
    private final Path sockets;
    private final SandboxPlan plan;
    private final Ground ground;
    private final Crypto crypto;
    private final OrganizationFiles orderers;
    private final OrganizationFiles clients;
    private final List<SandboxNode> nodes = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final Runnable stayAtExit;
    private volatile Runnable aborted = () -> {};
    private boolean closed;

    private Sandbox(World world, Path directory, SandboxPlan plan, Ground ground) {
        this.world = world;
        this.directory = directory;
        this.plan = plan;
        this.ground = ground;
        this.crypto = Crypto.choose();
        this.sockets = sockets(world, directory);
        Path material = directory.resolve("crypto");
        List<OrganizationPlan.Node> names = new ArrayList<>();
        for (int i = 1; i <= plan.nodes(); i++) {
            names.add(new OrganizationPlan.Node(
                    host("node" + i),
                    Stream.of("localhost", ground.listens(i), ground.known(i))
                            .distinct()
                            .toList()));
        }
        World issuing = ground.issuedMillisAgo() == 0 ? world : new Earlier(world, ground.issuedMillisAgo());
        this.orderers = OrganizationFiles.write(
                issuing,
                crypto,
                material,
                new OrganizationPlan(ORDERER_DOMAIN, OrganizationPlan.Kind.ORDERER, names, List.of()));
        this.clients = OrganizationFiles.write(
                issuing,
                crypto,
                material,
                new OrganizationPlan(CLIENT_DOMAIN, OrganizationPlan.Kind.PEER, List.of(), List.of(USER)));
        this.stayAtExit = world.atShutdown("end-sandbox", this::abort);
    }

    /// The process ends and the sandbox is not closed.
    private void abort() {
        close();
        aborted.run();
    }

    /// Makes everything the nodes need; starts none.
    ///
    /// @param directory empty, or not there yet
    public static Sandbox create(World world, Path directory, SandboxPlan plan) {
        return create(world, directory, plan, Ground.LOOPBACK);
    }

    /// The same on other ground, which is the sandbox's from now on.
    static Sandbox create(World world, Path directory, SandboxPlan plan, Ground ground) {
        world.disk().createDirectories(directory);
        Sandbox sandbox = new Sandbox(world, directory.toAbsolutePath(), plan, ground);
        try {
            sandbox.furnish();
            ground.furnished(sandbox);
        } catch (RuntimeException e) {
            sandbox.close();
            throw e;
        }
        return sandbox;
    }

    /// What else is to be done when the process ends and the sandbox is not closed, after everything in it has ended.
    void atAbort(Runnable work) {
        aborted = work;
    }

    private void furnish() {
        ports.addAll(freePorts(plan.nodes() * 2));
        for (int i = 0; i < plan.nodes(); i++) {
            String name = "node" + (i + 1);
            SandboxNode.Place place = new SandboxNode.Place(
                    name,
                    directory.resolve(name),
                    ground.listens(i + 1),
                    ports.get(2 * i),
                    sockets.resolve(name + ".sock"));
            List<String> words = new ArrayList<>(ground.before(i + 1));
            words.addAll(command(place.directory()));
            SandboxNode node = new SandboxNode(place, words, ground.environment(i + 1));
            world.disk().createDirectories(node.dataDirectory());
            world.disk()
                    .replace(
                            node.settings(),
                            settings(place, ground.known(i + 1), ports.get(2 * i + 1))
                                    .getBytes(StandardCharsets.UTF_8));
            nodes.add(node);
        }
        world.disk().replace(genesis(), genesisBlock().toByteArray());
    }

    /// All nodes, running or not.
    public List<SandboxNode> nodes() {
        return List.copyOf(nodes);
    }

    /// A node by its number, from 1.
    public SandboxNode node(int number) {
        return nodes.get(number - 1);
    }

    /// The other nodes.
    public List<SandboxNode> others(SandboxNode node) {
        return nodes.stream().filter(other -> other != node).toList();
    }

    /// File of the channel's first block.
    public Path genesis() {
        return directory.resolve(CHANNEL + ".block");
    }

    /// Starts all nodes, joins them to the channel and waits until they are healthy.
    public void up() {
        nodes.forEach(SandboxNode::start);
        for (SandboxNode node : nodes) {
            await(
                    "control socket of " + node.name(),
                    START,
                    () -> node.state()
                            .filter(state -> state.ports().raft() != 0)
                            .isPresent());
            node.join(genesis()).ifPresent(why -> {
                throw new IllegalStateException(node.name() + " does not join: " + why);
            });
        }
        awaitHealthy(START);
    }

    /// Waits until every running node is healthy, has the channel open, and all see the same leader.
    ///
    /// @throws DrillFault when they are not and one does not move for `patience` ([Headway]), with what each says
    public void awaitHealthy(Duration patience) {
        Headway headway = new Headway(world, nodes(), false, patience);
        boolean _ = awaitMoving("healthy nodes", headway, () -> isHealthy() ? Optional.of(true) : Optional.empty());
    }

    /// Waits until every running node is healthy, all have the same number of blocks, and none came for a while: what
    /// was on its way when the load ended is in a block then.
    ///
    /// @return that number; throws [DrillFault] when it is not so and one does not move for `patience` ([Headway])
    public long awaitEqualHeight(Duration patience) {
        Set<Long> equal = new HashSet<>();
        long[] since = {0};
        return awaitMoving("equal heights", new Headway(world, nodes(), true, patience), () -> {
            Set<Long> now = isHealthy() ? heights() : Set.of();
            long at = world.clock().nanos();
            if (now.size() != 1 || !now.equals(equal)) {
                equal.clear();
                equal.addAll(now);
                since[0] = at;
            }
            boolean rests = now.size() == 1 && at - since[0] >= REST.toNanos();
            return rests ? Optional.of(now.iterator().next()) : Optional.empty();
        });
    }

    /// The running node that leads, as a majority of the running nodes see it.
    public Optional<SandboxNode> leader() {
        for (SandboxNode node : nodes) {
            Optional<NodeState> state = node.isRunning() ? node.state() : Optional.empty();
            if (state.flatMap(now -> now.channel(CHANNEL))
                    .filter(channel -> channel.role().equals("leader"))
                    .isPresent()) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
    }

    /// Waits until a node leads, for `patience` from the moment on when none is starting any more ([Headway]).
    public SandboxNode awaitLeader(Duration patience) {
        return awaitMoving("leader", new Headway(world, nodes(), false, patience), this::leader);
    }

    /// Waits for a condition, looking 25 times a second.
    ///
    /// @throws DrillFault when it does not hold within `patience`, with what each node says
    public void await(String what, Duration patience, BooleanSupplier condition) {
        boolean _ = awaitFound(what, patience, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    private <T> T awaitMoving(String what, Headway headway, Supplier<Optional<T>> search) {
        Optional<T> found = search.get();
        while (found.isEmpty()) {
            headway.lost().ifPresent(why -> {
                throw new DrillFault("no %s, %s: %s".formatted(what, why, description()));
            });
            LockSupport.parkNanos(LOOK_NANOS);
            found = search.get();
        }
        return found.get();
    }

    /// Waits until something is found, looking as often: once found it need not be there still.
    <T> T awaitFound(String what, Duration patience, Supplier<Optional<T>> search) {
        long begun = world.clock().nanos();
        while (true) {
            Optional<T> found = search.get();
            if (found.isPresent()) {
                return found.get();
            }
            if (world.clock().nanos() - begun > patience.toNanos()) {
                throw new DrillFault("no %s within %d s: %s".formatted(what, patience.toSeconds(), description()));
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /// Ends every node; idempotent.
    @Override
    public synchronized void close() {
        nodes.forEach(SandboxNode::end);
        if (!closed) {
            closed = true;
            stayAtExit.run();
            ground.close();
        }
        if (!sockets.equals(directory)) {
            world.disk().deleteTree(sockets);
        }
    }

    World world() {
        return world;
    }

    Ground ground() {
        return ground;
    }

    /// Ports of the general listeners and of the engine's, node by node.
    List<Integer> ports() {
        return ports;
    }

    Crypto crypto() {
        return crypto;
    }

    /// TLS authority of the nodes.
    public X509Certificate nodeRoot() {
        Path file = nodeRootFile();
        return Pem.firstCertificate(world.disk().read(file), file.toString());
    }

    /// File of the same.
    public Path nodeRootFile() {
        return orderers.nodeTls(host("node1")).resolve("ca.crt");
    }

    /// Keys and certificates of the nodes' organisation.
    OrganizationFiles orderers() {
        return orderers;
    }

    /// Where the sandbox lies.
    Path directory() {
        return directory;
    }

    /// Keys and certificates of the clients' organisation.
    public OrganizationFiles clients() {
        return clients;
    }

    private boolean isHealthy() {
        Set<String> leaders = new HashSet<>();
        for (SandboxNode node : nodes) {
            if (node.isRunning()) {
                Optional<NodeState> state = node.state().filter(NodeState::healthy);
                Optional<NodeState.Channel> channel = state.flatMap(now -> now.channel(CHANNEL));
                if (channel.isEmpty()) {
                    return false;
                }
                leaders.add(channel.get().leader());
            }
        }
        return leaders.size() == 1 && !leaders.contains("");
    }

    private Set<Long> heights() {
        Set<Long> heights = new HashSet<>();
        for (SandboxNode node : nodes) {
            if (node.isRunning()) {
                heights.add(node.state()
                        .flatMap(state -> state.channel(CHANNEL))
                        .map(NodeState.Channel::height)
                        .orElse(-1L));
            }
        }
        return heights;
    }

    private String description() {
        StringBuilder text = new StringBuilder();
        for (SandboxNode node : nodes) {
            text.append(node.name())
                    .append(node.isRunning() ? " says " + node.state() : " is down")
                    .append("; ");
        }
        return text.toString();
    }

    /// A JVM with a small footprint and a quick start.
    static List<String> jvm() {
        return List.of(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow");
    }

    /// The words that start a node whose settings lie in a directory.
    public List<String> command(Path nodeDirectory) {
        List<String> command = new ArrayList<>(jvm());
        command.add("-Xmx" + plan.heapMegabytes() + "m");
        command.add("-Xshare:auto");
        command.addAll(plan.jvmOptions());
        command.addAll(ClassArchive.words(world));
        command.addAll(List.of(
                Tether.class.getName(),
                "--config",
                nodeDirectory.resolve("orderer.yaml").toString()));
        return command;
    }

    private String settings(SandboxNode.Place place, String known, int raftPort) {
        StringBuilder further = new StringBuilder();
        plan.settings().forEach(line -> further.append("  ").append(line).append('\n'));
        return """
                General:
                  ListenAddress: %2$s
                  ListenPort: %3$d
                  LocalMSPDir: '%5$s'
                  LocalMSPID: %6$s
                  TLS:
                    Enabled: true
                    PrivateKey: '%10$s/server.key'
                    Certificate: '%10$s/server.crt'
                    ClientAuthRequired: true
                    ClientRootCAs:
                      - '%7$s/ca.crt'
                  Cluster:
                    RaftListenPort: %4$d
                    RaftAdvertisedHost: %11$s
                FileLedger:
                  Location: data/ledger
                Consensus:
                  WALDir: data/log
                Operations:
                  ListenAddress: %2$s:0
                Metrics:
                  Provider: prometheus
                Holdfast:
                  NodeName: %1$s
                  ControlSocket: '%8$s'
                %9$s""".formatted(
                        place.name(),
                        place.host(),
                        place.port(),
                        raftPort,
                        orderers.nodeMsp(host(place.name())),
                        ORDERER_MSP,
                        clients.userTls(USER),
                        place.socket(),
                        further,
                        orderers.nodeTls(host(place.name())),
                        known);
    }

    private ByteString genesisBlock() {
        List<Consenter> consenters = new ArrayList<>();
        List<String> endpoints = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            SandboxNode node = nodes.get(i);
            Path file = orderers.nodeTls(host(node.name())).resolve("server.crt");
            X509Certificate certificate = Pem.firstCertificate(world.disk().read(file), file.toString());
            consenters.add(new Consenter(ground.known(i + 1), node.port(), certificate, certificate));
            endpoints.add(node.host() + ":" + node.port());
        }
        GenesisPlan genesis = new GenesisPlan(
                new ChannelId(CHANNEL),
                List.of(new GenesisPlan.Member(
                        "OrdererOrg", MspDirectory.read(world.disk(), orderers.msp(), ORDERER_MSP), endpoints)),
                List.of(new GenesisPlan.Member(
                        "Clients", MspDirectory.read(world.disk(), clients.msp(), CLIENT_MSP), List.of())),
                consenters,
                new GenesisPlan.Settings(plan.options(), plan.batchSize(), Duration.ofSeconds(2)));
        return Genesis.block(genesis, world, crypto);
    }

    private List<Integer> freePorts(int count) {
        Set<Integer> found = new HashSet<>();
        while (found.size() < count) {
            int port = PORTS_FROM + (int) Long.remainderUnsigned(world.chance().nextLong(), PORTS);
            if (isFree(port)) {
                found.add(port);
            }
        }
        return List.copyOf(found);
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// A socket's path is short on every system: where the sandbox lies too deep, the sockets lie in a directory of
    /// their own.
    private static Path sockets(World world, Path directory) {
        if (directory.resolve("node10.sock").toString().length() <= SOCKET_PATH_MAX) {
            return directory;
        }
        String mark = Long.toHexString(world.chance().nextLong());
        Path own = Path.of(System.getProperty("java.io.tmpdir", "/tmp"), "drill-" + mark);
        world.disk().createDirectories(own);
        return own;
    }

    private static String host(String node) {
        return node + "." + ORDERER_DOMAIN;
    }
}
