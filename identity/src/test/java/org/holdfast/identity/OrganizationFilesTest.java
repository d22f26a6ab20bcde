package org.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.holdfast.env.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Oracle: the tree that cryptogen 2.5.12 wrote (without its private keys).
class OrganizationFilesTest {
    private static final World WORLD = World.real();
    private static final Crypto CRYPTO = Crypto.choose();

    @TempDir
    Path root;

    @Test
    void anOrdererOrganizationHasCryptogensFilesAndItsKeys() throws IOException {
        List<OrganizationPlan.Node> nodes = Stream.of("orderer1", "orderer2", "orderer3", "orderer4")
                .map(name -> new OrganizationPlan.Node(name + ".example.com", List.of("localhost", "127.0.0.1")))
                .toList();
        OrganizationFiles.write(
                WORLD,
                CRYPTO,
                root,
                new OrganizationPlan("example.com", OrganizationPlan.Kind.ORDERER, nodes, List.of()));
        assertThat(files(root.resolve("ordererOrganizations"), false))
                .isEqualTo(files(Fixtures.crypto("ordererOrganizations"), false));
        assertThat(files(root.resolve("ordererOrganizations"), true))
                .hasSize(12)
                .allSatisfy(this::ownersOnly);
        assertThat(root.resolve("ordererOrganizations/example.com/msp/config.yaml"))
                .hasSameTextualContentAs(Fixtures.crypto("ordererOrganizations/example.com/msp/config.yaml"));
    }

    @Test
    void aPeerOrganizationHasCryptogensFiles() throws IOException {
        OrganizationPlan.Node peer = new OrganizationPlan.Node("peer0.org1.example.com", List.of());
        OrganizationFiles.write(
                WORLD,
                CRYPTO,
                root,
                new OrganizationPlan(
                        "org1.example.com", OrganizationPlan.Kind.PEER, List.of(peer), List.of("User1", "User2")));
        assertThat(files(root.resolve("peerOrganizations/org1.example.com"), false))
                .isEqualTo(files(Fixtures.crypto("peerOrganizations/org1.example.com"), false));
    }

    @Test
    void itsMembersAreWhatTheirUnitsSay() throws Exception {
        OrganizationPlan.Node node = new OrganizationPlan.Node("o1.example.com", List.of("127.0.0.1", "::1", "o1"));
        OrganizationFiles files = OrganizationFiles.write(
                WORLD,
                CRYPTO,
                root,
                new OrganizationPlan("example.com", OrganizationPlan.Kind.ORDERER, List.of(node), List.of("Ann")));
        files.addNode(new OrganizationPlan.Node("o2.example.com", List.of()));
        Msp msp = Msp.of(MspDirectory.read(WORLD.disk(), files.msp(), "OrdererMSP"), CRYPTO);
        MspSet set = MspSet.of(List.of(msp));
        assertThat(role(set, files.userMsp("Admin"))).containsExactly(Role.ADMIN);
        assertThat(role(set, files.userMsp("Ann"))).containsExactly(Role.CLIENT);
        assertThat(role(set, files.nodeMsp("o1.example.com"))).containsExactly(Role.ORDERER);
        assertThat(role(set, files.nodeMsp("o2.example.com"))).containsExactly(Role.ORDERER);
        X509Certificate tls = Pem.firstCertificate(
                Files.readAllBytes(files.nodeTls("o1.example.com").resolve("server.crt")), "tls");
        assertThat(tls.getSubjectAlternativeNames().stream()
                        .map(name -> String.valueOf(name.get(1)))
                        .toList())
                .containsExactly("o1.example.com", "127.0.0.1", "0:0:0:0:0:0:0:1", "o1");
        tls.verify(msp.tlsRoots().getFirst().getPublicKey());
    }

    @Test
    void whatIsThereIsNeverOverwritten() {
        OrganizationPlan plan =
                new OrganizationPlan("example.com", OrganizationPlan.Kind.ORDERER, List.of(), List.of());
        OrganizationFiles.write(WORLD, CRYPTO, root, plan);
        assertThatThrownBy(() -> OrganizationFiles.write(WORLD, CRYPTO, root, plan))
                .isInstanceOf(BadMaterial.class)
                .hasMessageContaining(
                        root.resolve("ordererOrganizations/example.com").toString());
    }

    @Test
    void aDirectoryWithoutItsKeyIsNamed() {
        OrganizationPlan plan =
                new OrganizationPlan("example.com", OrganizationPlan.Kind.ORDERER, List.of(), List.of());
        OrganizationFiles files = OrganizationFiles.write(WORLD, CRYPTO, root, plan);
        WORLD.disk().deleteTree(files.userMsp("Admin").resolve("keystore"));
        assertThatThrownBy(() -> LocalIdentity.load(WORLD.disk(), files.userMsp("Admin"), "M", CRYPTO))
                .isInstanceOf(BadMaterial.class)
                .hasMessageContaining(files.userMsp("Admin").resolve("keystore").toString());
        assertThatThrownBy(() -> LocalIdentity.load(WORLD.disk(), root, "M", CRYPTO))
                .hasMessageContaining(root.resolve("signcerts").toString());
    }

    private static Iterable<Role> role(MspSet set, Path mspDir) {
        LocalIdentity local = LocalIdentity.load(WORLD.disk(), mspDir, "OrdererMSP", CRYPTO);
        Identity identity = set.identity(local.creator());
        ByteString text = ByteString.copyFromUtf8("text");
        assertThat(CRYPTO.verify(identity.key(), local.sign(text), text)).isTrue();
        return identity.roles();
    }

    private void ownersOnly(String file) {
        try {
            Path path = root.resolve("ordererOrganizations").resolve(file);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
        } catch (IOException e) {
            throw new AssertionError(file, e);
        }
    }

    private static Set<String> files(Path from, boolean secret) throws IOException {
        try (Stream<Path> walk = Files.walk(from)) {
            return walk.filter(Files::isRegularFile)
                    .map(file -> from.relativize(file).toString())
                    .filter(name -> (name.endsWith("priv_sk") || name.endsWith(".key")) == secret)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
