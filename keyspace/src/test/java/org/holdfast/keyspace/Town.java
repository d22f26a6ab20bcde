package org.holdfast.keyspace;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.holdfast.channel.BatchSize;
import org.holdfast.channel.Consenter;
import org.holdfast.channel.Genesis;
import org.holdfast.channel.GenesisPlan;
import org.holdfast.channel.Options;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.identity.Pem;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;

/// An orderers' organisation with two nodes, one of users, and genesis blocks of channels. Real keys.
final class Town {
    static final World WORLD = World.real();
    static final Crypto CRYPTO = Crypto.choose();
    private static final List<String> NODES = List.of("o1.orderers.town", "o2.orderers.town");

    private final OrganizationFiles orderers;
    private final OrganizationFiles users;

    Town(Path root) {
        orderers = organization(root, "orderers.town", OrganizationPlan.Kind.ORDERER, NODES);
        users = organization(root, "users.town", OrganizationPlan.Kind.PEER, List.of());
    }

    private static OrganizationFiles organization(
            Path root, String domain, OrganizationPlan.Kind kind, List<String> nodes) {
        List<OrganizationPlan.Node> plans = nodes.stream()
                .map(name -> new OrganizationPlan.Node(name, List.of("127.0.0.1")))
                .toList();
        return OrganizationFiles.write(WORLD, CRYPTO, root, new OrganizationPlan(domain, kind, plans, List.of("Ann")));
    }

    ByteString genesis(ChannelId channel) {
        return genesis(channel, UnaryOperator.identity());
    }

    /// @param rules makes other rules of the orderers' organisation
    ByteString genesis(ChannelId channel, UnaryOperator<FabricMSPConfig> rules) {
        List<Consenter> consenters = NODES.stream().map(this::consenter).toList();
        return Genesis.block(
                new GenesisPlan(
                        channel,
                        List.of(new GenesisPlan.Member(
                                "Orderers",
                                rules.apply(MspDirectory.read(WORLD.disk(), orderers.msp(), "OrderersMSP")),
                                List.of("127.0.0.1:7050"))),
                        List.of(new GenesisPlan.Member(
                                "Users", MspDirectory.read(WORLD.disk(), users.msp(), "UsersMSP"), List.of())),
                        consenters,
                        new GenesisPlan.Settings(
                                new Options(Duration.ofMillis(500), 10, 1, 5, 1 << 20),
                                new BatchSize(500, 10 << 20, 2 << 20),
                                Duration.ofSeconds(2))),
                WORLD,
                CRYPTO);
    }

    private Consenter consenter(String node) {
        Path file = orderers.nodeTls(node).resolve("server.crt");
        X509Certificate certificate = Pem.firstCertificate(WORLD.disk().read(file), node);
        return new Consenter("127.0.0.1", 7050 + NODES.indexOf(node), certificate, certificate);
    }

    LocalIdentity node(int number) {
        return LocalIdentity.load(WORLD.disk(), orderers.nodeMsp(NODES.get(number)), "OrderersMSP", CRYPTO);
    }

    /// A client of the orderers' organisation.
    LocalIdentity clerk() {
        return LocalIdentity.load(WORLD.disk(), orderers.userMsp("Ann"), "OrderersMSP", CRYPTO);
    }

    LocalIdentity user() {
        return LocalIdentity.load(WORLD.disk(), users.userMsp("Ann"), "UsersMSP", CRYPTO);
    }
}
