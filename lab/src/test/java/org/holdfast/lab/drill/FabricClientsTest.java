package org.holdfast.lab.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.holdfast.drill.Author;
import org.holdfast.drill.Sandbox;
import org.holdfast.drill.SandboxNode;
import org.holdfast.drill.SandboxPlan;
import org.holdfast.env.World;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.transport.BroadcastAnswer;
import org.holdfast.transport.DeliverStream;
import org.holdfast.transport.OrdererClient;
import org.holdfast.wire.BlockHeader;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekOldest;
import org.hyperledger.fabric.protos.orderer.SeekPosition;
import org.hyperledger.fabric.protos.orderer.SeekSpecified;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A running network, and Fabric's Java SDK as its client.
///
/// Oracle: fabric-sdk-java 2.2.26, unchanged, in a JVM of its own (room blackbox): its envelopes, its signatures,
/// its TLS binding, its seeks, and its reading of what comes back.
@Tag("slow")
class FabricClientsTest {
    private static final int COUNT = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    static Path directory;

    private static Sandbox sandbox;

    @BeforeAll
    static void up() {
        sandbox = Sandbox.create(World.real(), directory.resolve("sandbox"), SandboxPlan.THREE);
        sandbox.up();
    }

    @AfterAll
    static void down() {
        sandbox.close();
    }

    /// Oracle: fabric-sdk-java 2.2.26, unchanged, in a JVM of its own (room blackbox): its envelopes, its
    /// signatures, its TLS binding, its seeks, and its reading of what comes back.
    @Test
    void theSdkBroadcastsToANodeAndReadsFromIt() throws Exception {
        // Not the leader: what it is given goes on to another node.
        SandboxNode node = sandbox.others(sandbox.awaitLeader(PATIENCE)).getFirst();
        List<String> said = run(node);
        assertThat(said).contains("SDK read what was sent", "SDK afterwards SUCCESS", "SDK done");
        assertThat(said)
                .filteredOn(line -> line.startsWith("SDK broadcast SUCCESS "))
                .hasSize(COUNT);
        StoredBlock genesis = StoredBlock.of(
                com.google.protobuf.ByteString.copyFrom(World.real().disk().read(sandbox.genesis())));
        assertThat(said)
                .contains("SDK block 0 data "
                        + HexFormat.of().formatHex(genesis.header().dataHash().toByteArray()));
        assertThat(line(said, "SDK config ")).matches("SDK config \\d{4,} bytes");
        assertThat(line(said, "SDK forged ")).contains("FORBIDDEN");
        assertThat(line(said, "SDK unbound ")).contains("BAD_REQUEST");
        assertThat(line(said, "SDK beyond ")).contains("NOT_FOUND");
    }

    /// Oracle: [PeerView].
    @Test
    void aPeerFindsNothingWrongWithTheBlocksOfAnyNode() throws Exception {
        try (Author author = Author.of(sandbox)) {
            for (SandboxNode node : sandbox.nodes()) {
                assertThat(Writes.send(author, node, 20, 300)).allMatch(BroadcastAnswer::isSuccess);
            }
            long height = sandbox.awaitEqualHeight(PATIENCE);
            assertThat(height).isGreaterThan(3);
            List<List<ByteString>> copies = new ArrayList<>();
            for (SandboxNode node : sandbox.nodes()) {
                List<ByteString> copy = blocks(author, node, height);
                PeerView peer = new PeerView(Sandbox.CHANNEL);
                for (ByteString block : copy) {
                    peer.take(block);
                }
                copies.add(copy);
            }
            for (int number = 1; number < height; number++) {
                Block one = Block.parseFrom(copies.get(0).get(number));
                Block other = Block.parseFrom(copies.get(1).get(number));
                assertThat(other.getHeader()).isEqualTo(one.getHeader());
                assertThat(other.getData()).isEqualTo(one.getData());
                assertThat(other.getMetadata().getMetadata(0))
                        .as("each node signs its own copy")
                        .isNotEqualTo(one.getMetadata().getMetadata(0));
            }
        }
    }

    private static List<ByteString> blocks(Author author, SandboxNode node, long height) throws Exception {
        SeekInfo all = SeekInfo.newBuilder()
                .setStart(SeekPosition.newBuilder().setOldest(SeekOldest.getDefaultInstance()))
                .setStop(SeekPosition.newBuilder()
                        .setSpecified(SeekSpecified.newBuilder().setNumber(height - 1)))
                .build();
        ByteString hash = ByteString.copyFrom(
                BlockHeader.sha256().digest(author.tlsCertificate().getEncoded()));
        List<ByteString> blocks = new ArrayList<>();
        try (OrdererClient client = author.connect(node);
                DeliverStream stream = client.deliver(author.seek(all.toByteString(), hash))) {
            for (Optional<ByteString> block = stream.next(); block.isPresent(); block = stream.next()) {
                blocks.add(block.get());
            }
            assertThat(stream.status()).isEqualTo(200);
        }
        assertThat(blocks).hasSize((int) height);
        return blocks;
    }

    private static String line(List<String> said, String begin) {
        return said.stream().filter(line -> line.startsWith(begin)).findFirst().orElse("nothing: " + said);
    }

    private static List<String> run(SandboxNode node) throws IOException, InterruptedException {
        Path given = directory.resolve("sdk.properties");
        try (var out = Files.newBufferedWriter(given)) {
            properties(node).store(out, null);
        }
        Path output = directory.resolve("sdk.out");
        Path blackbox = blackbox();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home", ""), "bin", "java")
                                .toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        blackbox.resolve("test-classes") + ":" + Files.readString(blackbox.resolve("sdk.classpath")),
                        "org.hyperledger.fabric.sdk.OrdererRoundTrip",
                        given.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("the SDK ends")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as("%s", Files.readString(output)).isZero();
        return Files.readAllLines(output);
    }

    private static Properties properties(SandboxNode node) {
        Path msp = sandbox.clients().userMsp(Sandbox.USER);
        Path tls = sandbox.clients().userTls(Sandbox.USER);
        Properties properties = new Properties();
        properties.put("url", "grpcs://127.0.0.1:" + node.port());
        properties.put("channel", Sandbox.CHANNEL);
        properties.put("mspId", Sandbox.CLIENT_MSP);
        properties.put("certificate", onlyFile(msp.resolve("signcerts")));
        properties.put("key", onlyFile(msp.resolve("keystore")));
        properties.put("root", sandbox.nodeRootFile().toString());
        properties.put("tlsCertificate", tls.resolve("client.crt").toString());
        properties.put("tlsKey", tls.resolve("client.key").toString());
        properties.put("count", Integer.toString(COUNT));
        return properties;
    }

    private static String onlyFile(Path directory) {
        List<Path> files = World.real().disk().list(directory);
        assertThat(files).hasSize(1);
        return files.getFirst().toString();
    }

    /// What the build of the room beside this one left.
    private static Path blackbox() {
        Path here = Path.of("").toAbsolutePath();
        Path root = Files.exists(here.resolve("mvnw")) ? here : here.resolveSibling("");
        return root.resolve("blackbox").resolve("target");
    }
}
