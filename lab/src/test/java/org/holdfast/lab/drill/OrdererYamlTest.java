package org.holdfast.lab.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.channel.Consenter;
import org.holdfast.channel.Genesis;
import org.holdfast.channel.GenesisPlan;
import org.holdfast.drill.Author;
import org.holdfast.drill.NodeState;
import org.holdfast.drill.Sandbox;
import org.holdfast.drill.SandboxNode;
import org.holdfast.drill.SandboxPlan;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.identity.Pem;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Status;
import org.hyperledger.fabric.protos.orderer.AtomicBroadcastGrpc;
import org.hyperledger.fabric.protos.orderer.BroadcastResponse;
import org.hyperledger.fabric.protos.orderer.DeliverResponse;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekNewest;
import org.hyperledger.fabric.protos.orderer.SeekPosition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Three real nodes whose settings come from a file and, over it, from the environment, as containers do it: clients
/// without TLS, members on a listener of their own with another certificate for dialling, and the channel from a
/// bootstrap file. Fabric's generated stub is the client.
@Tag("slow")
class OrdererYamlTest {
    private static final World WORLD = World.real();
    private static final Crypto CRYPTO = Crypto.choose();
    private static final Duration START = Duration.ofMinutes(2);
    private static final String DOMAIN = "orderers.drill.local";

    @TempDir
    static Path directory;

    private static Sandbox sandbox;
    private static OrganizationFiles orderers;
    private static Author author;
    private static final List<SandboxNode> NODES = new ArrayList<>();
    private static final List<Integer> CLIENT_PORTS = new ArrayList<>();

    @BeforeAll
    static void up() throws IOException {
        sandbox = Sandbox.create(WORLD, directory.resolve("sandbox"), SandboxPlan.THREE);
        author = Author.of(sandbox);
        orderers = OrganizationFiles.open(
                WORLD, CRYPTO, directory.resolve("sandbox").resolve("crypto"), DOMAIN, OrganizationPlan.Kind.ORDERER);
        for (int i = 1; i <= 3; i++) {
            orderers.addNode(new OrganizationPlan.Node("dial" + i + "." + DOMAIN, List.of()));
        }
        Files.write(genesis(), genesisBlock().toByteArray());
        for (SandboxNode node : sandbox.nodes()) {
            int port = freePort();
            CLIENT_PORTS.add(port);
            NODES.add(withEnvironment(node, environment(node, port)));
        }
        NODES.forEach(SandboxNode::start);
        sandbox.await("healthy nodes", START, () -> NODES.stream().allMatch(OrdererYamlTest::isHealthy));
    }

    @AfterAll
    static void down() {
        NODES.forEach(SandboxNode::kill);
        author.close();
        sandbox.close();
    }

    @Test
    void clientsWithoutTlsAreServedByEveryNode() throws Exception {
        for (int i = 0; i < 3; i++) {
            ManagedChannel channel = open(i);
            try {
                assertThat(broadcast(channel, "tx-" + i).getStatus()).isEqualTo(Status.SUCCESS);
                assertThat(newest(channel).getBlock().getHeader().getNumber()).isPositive();
            } finally {
                channel.shutdownNow();
            }
        }
        List<String> leaders = new ArrayList<>();
        for (SandboxNode node : NODES) {
            String log = Files.readString(node.output());
            assertThat(log)
                    .contains("General.TLS.Enabled = false (ORDERER_GENERAL_TLS_ENABLED)")
                    .contains("Bootstrapped channel " + Sandbox.CHANNEL)
                    .contains("Beginning to serve requests")
                    .containsPattern("Starting Raft node channel=drill node=[123]")
                    .containsPattern(
                            "Writing block \\[1\\] \\(Raft index: [0-9]+\\) to ledger channel=drill node=[123]")
                    .contains("ORDERER_GENERAL_NOVELTY in the environment matches no known key");
            log.lines()
                    .filter(line -> line.matches(".*Raft leader changed: 0 -> [123] channel=drill node=[123].*"))
                    .findFirst()
                    .ifPresent(leaders::add);
        }
        assertThat(leaders).isNotEmpty();
    }

    @Test
    void aStartAgainFindsItsChannelAndAnotherOneOfThatNameIsRefused() throws Exception {
        SandboxNode node = NODES.getLast();
        node.stop();
        byte[] first = Files.readAllBytes(genesis());
        try {
            Files.write(genesis(), genesisBlock().toByteArray());
            node.start();
            assertThat(node.awaitExit(60)).contains(1);
            assertThat(Files.readString(node.output()))
                    .contains("General.BootstrapFile " + genesis() + " cannot be joined")
                    .contains("its genesis block differs");
        } finally {
            Files.write(genesis(), first);
        }
        node.start();
        sandbox.await("a healthy node", START, () -> isHealthy(node));
    }

    private static boolean isHealthy(SandboxNode node) {
        return node.state()
                .filter(NodeState::healthy)
                .flatMap(state -> state.channel(Sandbox.CHANNEL))
                .isPresent();
    }

    private static Path genesis() {
        return directory.resolve("bootstrap.block");
    }

    private static String host(SandboxNode node) {
        return node.name() + "." + DOMAIN;
    }

    private static Path dialling(SandboxNode node) {
        return orderers.nodeTls(node.name().replace("node", "dial") + "." + DOMAIN);
    }

    private static Map<String, String> environment(SandboxNode node, int port) {
        Map<String, String> variables = new TreeMap<>();
        Path server = orderers.nodeTls(host(node));
        variables.put("GENERAL_LISTENPORT", Integer.toString(port));
        variables.put("GENERAL_TLS_ENABLED", "false");
        variables.put("GENERAL_BOOTSTRAPMETHOD", "file");
        variables.put("GENERAL_BOOTSTRAPFILE", genesis().toString());
        variables.put("GENERAL_CLUSTER_LISTENADDRESS", "127.0.0.1");
        variables.put("GENERAL_CLUSTER_LISTENPORT", Integer.toString(node.port()));
        variables.put(
                "GENERAL_CLUSTER_SERVERCERTIFICATE",
                server.resolve("server.crt").toString());
        variables.put(
                "GENERAL_CLUSTER_SERVERPRIVATEKEY", server.resolve("server.key").toString());
        variables.put(
                "GENERAL_CLUSTER_CLIENTCERTIFICATE",
                dialling(node).resolve("server.crt").toString());
        variables.put(
                "GENERAL_CLUSTER_CLIENTPRIVATEKEY",
                dialling(node).resolve("server.key").toString());
        variables.put("GENERAL_CLUSTER_ROOTCAS", "[" + server.resolve("ca.crt") + "]");
        variables.put("CONSENSUS_TICKINTERVALOVERRIDE", "150ms");
        variables.put("GENERAL_NOVELTY", "1");
        return variables;
    }

    /// The same node, its process in another environment.
    private static SandboxNode withEnvironment(SandboxNode node, Map<String, String> variables) throws IOException {
        List<String> command = new ArrayList<>(List.of("/usr/bin/env"));
        variables.forEach((name, value) -> command.add("ORDERER_" + name + "=" + value));
        command.addAll(sandbox.command(node.directory()));
        Path socket = Files.readAllLines(node.settings()).stream()
                .filter(line -> line.contains("ControlSocket: "))
                .map(line -> Path.of(line.substring(line.indexOf('\'') + 1, line.lastIndexOf('\''))))
                .findFirst()
                .orElseThrow();
        return new SandboxNode(new SandboxNode.Place(node.name(), node.directory(), node.port(), socket), command);
    }

    private static ByteString genesisBlock() {
        List<Consenter> consenters = new ArrayList<>();
        List<String> endpoints = new ArrayList<>();
        for (SandboxNode node : sandbox.nodes()) {
            X509Certificate server = certificate(orderers.nodeTls(host(node)));
            consenters.add(new Consenter("127.0.0.1", node.port(), certificate(dialling(node)), server));
            endpoints.add("127.0.0.1:" + node.port());
        }
        return Genesis.block(
                new GenesisPlan(
                        new ChannelId(Sandbox.CHANNEL),
                        List.of(new GenesisPlan.Member(
                                "OrdererOrg",
                                MspDirectory.read(WORLD.disk(), orderers.msp(), Sandbox.ORDERER_MSP),
                                endpoints)),
                        List.of(new GenesisPlan.Member(
                                "Clients",
                                MspDirectory.read(
                                        WORLD.disk(), sandbox.clients().msp(), Sandbox.CLIENT_MSP),
                                List.of())),
                        consenters,
                        new GenesisPlan.Settings(
                                SandboxPlan.THREE.options(), SandboxPlan.THREE.batchSize(), Duration.ofSeconds(2))),
                WORLD,
                CRYPTO);
    }

    private static X509Certificate certificate(Path tls) {
        Path file = tls.resolve("server.crt");
        return Pem.firstCertificate(WORLD.disk().read(file), file.toString());
    }

    /// From below the range of outgoing connections, so that it is free again at the second start.
    private static int freePort() {
        while (true) {
            int port = 20_000 + (int) Long.remainderUnsigned(WORLD.chance().nextLong(), 12_000);
            try (ServerSocket socket = new ServerSocket(port)) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // another one then
            }
        }
    }

    private static ManagedChannel open(int index) {
        return NettyChannelBuilder.forAddress("127.0.0.1", CLIENT_PORTS.get(index))
                .usePlaintext()
                .build();
    }

    private static BroadcastResponse broadcast(ManagedChannel channel, String id) throws Exception {
        First<BroadcastResponse> answer = new First<>();
        AtomicBroadcastGrpc.newStub(channel)
                .broadcast(answer)
                .onNext(Envelope.parseFrom(author.message(id, ByteString.copyFromUtf8("without TLS"))));
        return answer.get();
    }

    private static DeliverResponse newest(ManagedChannel channel) throws Exception {
        SeekPosition newest = SeekPosition.newBuilder()
                .setNewest(SeekNewest.getDefaultInstance())
                .build();
        ByteString seek =
                SeekInfo.newBuilder().setStart(newest).setStop(newest).build().toByteString();
        First<DeliverResponse> answer = new First<>();
        AtomicBroadcastGrpc.newStub(channel)
                .deliver(answer)
                .onNext(Envelope.parseFrom(author.seek(seek, ByteString.EMPTY)));
        return answer.get();
    }

    /// The first message of a stream.
    private static final class First<T> implements StreamObserver<T> {
        private final CompletableFuture<T> first = new CompletableFuture<>();

        T get() throws InterruptedException, ExecutionException, TimeoutException {
            return first.get(60, TimeUnit.SECONDS);
        }

        @Override
        public void onNext(T message) {
            first.complete(message);
        }

        @Override
        public void onError(Throwable failure) {
            first.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            first.completeExceptionally(new AssertionError("the stream ended without a message"));
        }
    }
}
