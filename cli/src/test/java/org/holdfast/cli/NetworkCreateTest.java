package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.Consenter;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.holdfast.env.YamlTree;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.Pem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Oracle: the tree and the certificates that cryptogen 2.5.12 made (`fabric/crypto-tree.txt`, without private keys).
class NetworkCreateTest {
    private static final String GOLDEN = """
            network: golden
            certificates: {days: 90}
            organizations:
              - {name: OrdererOrg, mspId: OrdererMSP, domain: example.com, kind: orderer}
              - {name: Org1, mspId: Org1MSP, domain: org1.example.com, kind: peer, peers: [peer0],
                 users: [User1, User2]}
              - {name: Org2, mspId: Org2MSP, domain: org2.example.com, kind: peer, peers: [peer0], users: [User1]}
            nodes:
              - {name: orderer1, organization: OrdererOrg, host: o1.example.com, addresses: [10.0.0.1], zone: a}
              - {name: orderer2, organization: OrdererOrg, host: o2.example.com, zone: b}
              - {name: orderer3, organization: OrdererOrg, host: o3.example.com, zone: c}
              - {name: orderer4, organization: OrdererOrg, host: o4.example.com, zone: d}
            clients:
              - {name: app, organization: Org1, user: User1}
              - {name: ops, organization: OrdererOrg, user: Admin}
            channels:
              - name: orders
                consenters: [orderer1, orderer2, orderer3]
                members: [Org1, Org2]
                timeout: 1500ms
                batch: {messages: 10, absoluteMax: 512 KB, preferredMax: 64 KB}
            """;

    private final Terminal terminal = new Terminal();

    @TempDir
    Path temp;

    @Test
    void theOrganizationsLieAsCryptogenLaysThemOut() throws IOException {
        Path made = created();
        Set<String> golden = golden("crypto-tree.txt").lines().collect(Collectors.toCollection(TreeSet::new));
        assertThat(files(made.resolve("organizations"), false)).isEqualTo(golden);
        assertThat(files(made, true))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(
                                PosixFilePermissions.toString(Files.getPosixFilePermissions(made.resolve(file))))
                        .isEqualTo("rw-------"));
        Path units = made.resolve("organizations/ordererOrganizations/example.com/msp/config.yaml");
        assertThat(flat(YamlTree.of("ours", Files.readAllBytes(units))))
                .isEqualTo(flat(YamlTree.of(
                        "golden", golden("golden-certificates/config.yaml").getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void everyKindOfCertificateHasCryptogensProfile() throws Exception {
        Path orderers = created().resolve("organizations/ordererOrganizations/example.com");
        Path org1 = orderers.resolve("../../peerOrganizations/org1.example.com").normalize();
        Map<String, Path> pairs = new TreeMap<>(Map.of(
                "ca.example.com-cert.pem", orderers.resolve("ca/ca.example.com-cert.pem"),
                "tlsca.example.com-cert.pem", orderers.resolve("tlsca/tlsca.example.com-cert.pem"),
                "orderer1-server.crt", orderers.resolve("orderers/orderer1.example.com/tls/server.crt"),
                "orderer1.example.com-cert.pem",
                        orderers.resolve("orderers/orderer1.example.com/msp/signcerts/orderer1.example.com-cert.pem"),
                "Admin@example.com-cert.pem",
                        orderers.resolve("users/Admin@example.com/msp/signcerts/Admin@example.com-cert.pem"),
                "User1@org1.example.com-cert.pem",
                        org1.resolve("users/User1@org1.example.com/msp/signcerts/User1@org1.example.com-cert.pem"),
                "User1-client.crt", org1.resolve("users/User1@org1.example.com/tls/client.crt"),
                "peer0.org1.example.com-cert.pem",
                        org1.resolve("peers/peer0.org1.example.com/msp/signcerts/peer0.org1.example.com-cert.pem")));
        for (Map.Entry<String, Path> pair : pairs.entrySet()) {
            byte[] golden = golden("golden-certificates/" + pair.getKey()).getBytes(StandardCharsets.UTF_8);
            assertThat(profile(Files.readAllBytes(pair.getValue())))
                    .as(pair.getKey())
                    .isEqualTo(profile(golden));
        }
    }

    @Test
    void namesAddressesAndValidityAreTheFiles() throws Exception {
        Path tls = created().resolve("nodes/orderer1/tls/server.crt");
        X509Certificate certificate = Pem.firstCertificate(Files.readAllBytes(tls), "tls");
        assertThat(certificate.getSubjectAlternativeNames().stream()
                        .map(name -> String.valueOf(name.get(1)))
                        .toList())
                .containsExactly("orderer1.example.com", "orderer1", "o1.example.com", "10.0.0.1");
        assertThat(Duration.between(
                                certificate.getNotBefore().toInstant(),
                                certificate.getNotAfter().toInstant())
                        .toDays())
                .isEqualTo(90);
        Path authority = temp.resolve("made/organizations/ordererOrganizations/example.com/ca/ca.example.com-cert.pem");
        X509Certificate ca = Pem.firstCertificate(Files.readAllBytes(authority), "ca");
        assertThat(Duration.between(
                                ca.getNotBefore().toInstant(), ca.getNotAfter().toInstant())
                        .toDays())
                .isEqualTo(3650);
    }

    @Test
    void aNodesDirectoryIsWholeAndHoldsNobodyElsesKey() throws IOException {
        Path node = created().resolve("nodes/orderer2");
        assertThat(files(node, true)).containsExactly("msp/keystore/priv_sk", "tls/server.key");
        assertThat(files(node, false))
                .contains("orderer.yaml", "network.json", "README.txt", "channels/orders.block", "tls/server.crt")
                .contains("trust/org1.example.com/msp/tlscacerts/tlsca.org1.example.com-cert.pem");
        assertThat(Files.readString(node.resolve("orderer.yaml")))
                .contains("ListenAddress: 0.0.0.0", "RaftAdvertisedHost: o2.example.com", "LocalMSPDir: ./msp")
                .doesNotContain(temp.toString());
        assertThat(node.resolve("../orderer4/channels").normalize()).doesNotExist();
        assertThat(files(temp.resolve("made/clients/app"), true))
                .containsExactly("msp/keystore/priv_sk", "tls/client.key");
        ChannelConfig config = ChannelConfig.fromBlock(
                com.google.protobuf.ByteString.copyFrom(Files.readAllBytes(node.resolve("channels/orders.block"))),
                Crypto.choose());
        assertThat(config.consenters())
                .extracting(Consenter::address)
                .containsExactly("o1.example.com:7050", "o2.example.com:7050", "o3.example.com:7050");
        assertThat(config.batchTimeout()).isEqualTo(Duration.ofMillis(1500));
        assertThat(config.batchSize().absoluteMaxBytes()).isEqualTo(512 << 10);
        assertThat(config.organizations())
                .extracting(organization -> organization.msp().id())
                .containsExactly("OrdererMSP", "Org1MSP", "Org2MSP");
    }

    @Test
    void aDirectoryThatIsThereStaysAsItIs() throws IOException {
        Path target = Files.createDirectories(temp.resolve("made"));
        Files.writeString(target.resolve("mine.txt"), "years of work");
        assertThat(create()).isEqualTo(1);
        assertThat(terminal.err()).contains("is there already and stays as it is");
        try (Stream<Path> entries = Files.list(target)) {
            assertThat(entries).hasSize(1);
        }
    }

    @Test
    void anInterruptedCreationIsDoneAgainAndASecondOneWaitsItsTurn() throws Exception {
        Path half = temp.resolve(".made.holdfast-making");
        Files.createDirectories(half.resolve("organizations/ordererOrganizations/example.com"));
        Files.writeString(half.resolve("network.json"), "{");
        try (Disk.DiskLock _ = World.real().disk().lock(half.resolve("creation.lock"))) {
            assertThat(create()).isEqualTo(1);
            assertThat(terminal.err()).contains("another 'holdfast network create'");
        }
        assertThat(temp.resolve("made")).doesNotExist();
        created();
        assertThat(half).doesNotExist();
    }

    @Test
    void aBrokenPlanWritesNothingUnlessItSaysWhy() throws IOException {
        Path file = Files.writeString(temp.resolve("network.yaml"), GOLDEN.replace("zone: b", "zone: a"));
        assertThat(terminal.run(
                        "network",
                        "create",
                        "-f",
                        file.toString(),
                        "-o",
                        temp.resolve("made").toString()))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("nothing was written: the plan breaks zone-share, zone-loss");
        assertThat(temp.resolve("made")).doesNotExist();
        Files.writeString(file, GOLDEN.replace("zone: b", "zone: a") + """
                accept:
                  - {rule: zone-share, reason: the second site opens in May}
                  - {rule: zone-loss, reason: the second site opens in May}
                """);
        assertThat(terminal.run(
                        "network",
                        "create",
                        "-f",
                        file.toString(),
                        "-o",
                        temp.resolve("made").toString()))
                .as(terminal.err())
                .isZero();
        assertThat(Files.readString(temp.resolve("made/plan.json"))).contains("the second site opens in May");
        assertThat(terminal.err()).contains("KEEP", "organizations OFF THE NODES");
    }

    @Test
    void whatRunsElsewhereIsNotLookedAfterFromHere() throws IOException {
        String made = created().toString();
        for (String verb : List.of("status", "up", "down")) {
            assertThat(terminal.run(verb, "--dir", made)).as(verb).isEqualTo(1);
            assertThat(terminal.err()).contains("orderer1 runs on host o1.example.com");
        }
        assertThat(terminal.run("destroy", "--yes", "--dir", made)).isEqualTo(1);
        assertThat(temp.resolve("made/organizations")).exists();
    }

    private Path created() throws IOException {
        assertThat(create()).as(terminal.err()).isZero();
        return temp.resolve("made");
    }

    private int create() throws IOException {
        Path file = Files.writeString(temp.resolve("network.yaml"), GOLDEN);
        return terminal.run(
                "network",
                "create",
                "-f",
                file.toString(),
                "-o",
                temp.resolve("made").toString());
    }

    /// What a verifier looks at. Cryptogen's country, state and city are left out: nobody reads them.
    private static Map<String, Object> profile(byte[] pem) throws InvalidNameException {
        X509Certificate certificate = Pem.firstCertificate(pem, "a certificate");
        Map<String, Object> profile = new TreeMap<>();
        profile.put("subject", attributes(certificate.getSubjectX500Principal().getName()));
        profile.put("issuer", attributes(certificate.getIssuerX500Principal().getName()));
        profile.put("algorithm", certificate.getSigAlgName());
        profile.put("key usage", bits(certificate.getKeyUsage()));
        profile.put("constraints", certificate.getBasicConstraints());
        profile.put("critical", new TreeSet<>(certificate.getCriticalExtensionOIDs()));
        profile.put("other extensions", new TreeSet<>(certificate.getNonCriticalExtensionOIDs()));
        try {
            List<String> extended = certificate.getExtendedKeyUsage();
            profile.put("extended", extended == null ? Set.of() : new TreeSet<>(extended));
        } catch (java.security.cert.CertificateParsingException e) {
            throw new AssertionError(e);
        }
        return profile;
    }

    private static List<Integer> bits(boolean[] usage) {
        List<Integer> bits = new ArrayList<>();
        for (int i = 0; i < usage.length; i++) {
            if (usage[i]) {
                bits.add(i);
            }
        }
        return bits;
    }

    private static Set<String> attributes(String name) throws InvalidNameException {
        return new LdapName(name)
                .getRdns().stream()
                        .filter(rdn -> !Set.of("C", "ST", "L").contains(rdn.getType()))
                        .map(Object::toString)
                        .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<String, String> flat(YamlTree tree) {
        Map<String, String> flat = new TreeMap<>();
        tree.entries().forEach((key, value) -> {
            if (key.equals("NodeOUs")
                    || (key.endsWith("Identifier") && value.path().split("\\.", -1).length == 2)) {
                flat.putAll(flat(value));
            } else {
                flat.put(value.path(), value.required());
            }
        });
        return flat;
    }

    private static String golden(String name) throws IOException {
        try (var in = NetworkCreateTest.class.getResourceAsStream("/fabric/" + name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
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
