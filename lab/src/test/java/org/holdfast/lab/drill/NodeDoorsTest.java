package org.holdfast.lab.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.drill.Author;
import org.holdfast.drill.NodeState;
import org.holdfast.drill.Sandbox;
import org.holdfast.drill.SandboxNode;
import org.holdfast.drill.SandboxPlan;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.transport.BroadcastAnswer;
import org.holdfast.transport.DeliverStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.NetThreads;
import org.holdfast.transport.OrdererClient;
import org.holdfast.transport.Target;
import org.holdfast.transport.TlsKeys;
import org.holdfast.transport.TlsMaterialException;
import org.holdfast.wire.BlockHeader;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekPosition;
import org.hyperledger.fabric.protos.orderer.SeekSpecified;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Three nodes, and what comes to their doors: strangers, garbage, too much, too slow; and nodes that must not start.
@Tag("slow")
class NodeDoorsTest {
    private static final World WORLD = World.real();

    @TempDir
    static Path directory;

    private static Sandbox sandbox;
    private static Author author;

    @BeforeAll
    static void up() {
        sandbox = Sandbox.create(WORLD, directory.resolve("sandbox"), SandboxPlan.THREE);
        sandbox.up();
        author = Author.of(sandbox);
    }

    @AfterAll
    static void down() {
        author.close();
        sandbox.close();
    }

    @Test
    void garbageOnEveryPortLeavesTheNodeServing() throws IOException {
        SandboxNode node = sandbox.node(1);
        NodeState.Ports ports = node.state().orElseThrow().ports();
        byte[] garbage = new byte[64 << 10];
        WORLD.chance().nextBytes(garbage);
        for (int port : List.of(ports.general(), ports.raft(), ports.operations())) {
            for (int i = 0; i < 20; i++) {
                throwAt(port, garbage);
            }
        }
        try (SocketChannel control = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            control.connect(UnixDomainSocketAddress.of(socketOf(node)));
            control.write(ByteBuffer.wrap("{\"verb\": [}\nnonsense\n".getBytes(StandardCharsets.UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(4096);
            control.read(answer);
            assertThat(new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8))
                    .contains("\"ok\":false");
        }
        sandbox.awaitHealthy(Duration.ofSeconds(30));
        assertThat(Writes.accepted(author, node)).isTrue();
    }

    @Test
    void aStrangersTlsCertificateIsRefused(@TempDir Path own) throws Exception {
        OrganizationFiles strangers = OrganizationFiles.write(
                WORLD,
                Crypto.choose(),
                own,
                new OrganizationPlan("strangers.local", OrganizationPlan.Kind.PEER, List.of(), List.of("User1")));
        TlsKeys keys = keys(strangers);
        try (NetThreads threads = NetThreads.start(WORLD);
                OrdererClient client = OrdererClient.to(
                        threads, new Target("127.0.0.1", sandbox.node(1).port()), List.of(sandbox.nodeRoot()), keys)) {
            assertThat(firstAnswer(client)).isInstanceOf(LinkBroken.class);
        }
        assertThat(Writes.accepted(author, sandbox.node(1))).isTrue();
    }

    @Test
    void anEnvelopeOfTenMegabytesIsOrdered() {
        List<BroadcastAnswer> answers = Writes.send(author, sandbox.node(2), 1, (10 << 20) - 4096);
        assertThat(answers).containsExactly(BroadcastAnswer.OK);
        assertThat(Writes.send(author, sandbox.node(2), 1, 11 << 20)).noneMatch(BroadcastAnswer::isSuccess);
        sandbox.awaitEqualHeight(Duration.ofSeconds(60));
    }

    @Test
    void aReaderThatStopsReadingHoldsNobodyUp() throws Exception {
        SandboxNode node = sandbox.node(3);
        ByteString hash = ByteString.copyFrom(
                BlockHeader.sha256().digest(author.tlsCertificate().getEncoded()));
        SeekInfo all = SeekInfo.newBuilder()
                .setStart(SeekPosition.newBuilder().setSpecified(SeekSpecified.newBuilder()))
                .setStop(SeekPosition.newBuilder()
                        .setSpecified(SeekSpecified.newBuilder().setNumber(Long.MAX_VALUE)))
                .build();
        try (OrdererClient idle = author.connect(node);
                DeliverStream blocks = idle.deliver(author.seek(all.toByteString(), hash))) {
            assertThat(blocks.next()).isPresent();
            for (int i = 0; i < 20; i++) {
                assertThat(Writes.send(author, node, 20, 50_000)).allMatch(BroadcastAnswer::isSuccess);
            }
            assertThat(blocks.next()).isPresent();
        }
    }

    @Test
    void twoProcessesOnOneDataDirectoryAreRefused(@TempDir Path own) throws IOException {
        SandboxNode second = variant(
                own,
                text -> text.replace(
                        "Location: data/ledger",
                        "Location: '" + sandbox.node(1).dataDirectory().resolve("ledger") + "'"));
        second.start();
        assertThat(second.awaitExit(60)).contains(1);
        assertThat(Files.readString(second.output())).contains("node.lock");
        assertThat(Writes.accepted(author, sandbox.node(1))).isTrue();
    }

    @Test
    void aBusyPortIsNamed(@TempDir Path own) throws IOException {
        SandboxNode second = variant(own, text -> text);
        second.start();
        assertThat(second.awaitExit(60)).contains(1);
        assertThat(Files.readString(second.output()))
                .contains(Integer.toString(sandbox.node(1).port()));
    }

    @Test
    void allFaultsOfTheSettingsAreToldAtOnce(@TempDir Path own) throws IOException {
        SandboxNode second = variant(
                own,
                text -> text.replaceAll("LocalMSPID: \\w+", "LocalMSPID: ''")
                        .replaceAll("ListenPort: \\d+", "ListenPort: 70000")
                        .replace("Location: data/ledger", "Location: ''"));
        second.start();
        assertThat(second.awaitExit(60)).contains(1);
        assertThat(Files.readString(second.output()))
                .contains("General.ListenPort")
                .contains("FileLedger.Location");
    }

    /// A node beside node 1, with its settings changed.
    private static SandboxNode variant(Path own, java.util.function.UnaryOperator<String> change) throws IOException {
        String text = Files.readString(sandbox.node(1).settings())
                .replaceAll("ControlSocket: .*", "ControlSocket: '" + own.resolve("c.sock") + "'");
        Files.createDirectories(own.resolve("data"));
        SandboxNode.Place place =
                new SandboxNode.Place("second", own, sandbox.node(1).port(), own.resolve("c.sock"));
        Files.writeString(own.resolve("orderer.yaml"), change.apply(text));
        return new SandboxNode(place, sandbox.command(own));
    }

    private static void throwAt(int port, byte[] garbage) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                OutputStream out = socket.getOutputStream()) {
            out.write(garbage);
        } catch (IOException e) {
            // The node may well hang up on it.
            assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe|abort|closed).*");
        }
    }

    private static Path socketOf(SandboxNode node) throws IOException {
        return Files.readAllLines(node.settings()).stream()
                .filter(line -> line.contains("ControlSocket: "))
                .map(line -> Path.of(line.substring(line.indexOf('\'') + 1, line.lastIndexOf('\''))))
                .findFirst()
                .orElseThrow();
    }

    private static TlsKeys keys(OrganizationFiles strangers) throws TlsMaterialException {
        Path tls = strangers.userTls("User1");
        return TlsKeys.load(WORLD.disk(), tls.resolve("client.crt"), tls.resolve("client.key"));
    }

    private static Throwable firstAnswer(OrdererClient client) throws InterruptedException, TimeoutException {
        try {
            CompletableFuture<BroadcastAnswer> answer =
                    client.broadcast().send(author.message("stranger", ByteString.copyFromUtf8("let me in")));
            return new AssertionError("answered " + answer.get(30, TimeUnit.SECONDS));
        } catch (LinkBroken e) {
            return e;
        } catch (ExecutionException e) {
            return e.getCause() == null ? e : e.getCause();
        }
    }
}
