package org.holdfast.cli;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.channel.BatchSize;
import org.holdfast.channel.Consenter;
import org.holdfast.channel.Genesis;
import org.holdfast.channel.GenesisPlan;
import org.holdfast.channel.Options;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.identity.Pem;
import org.holdfast.keyspace.ShardName;
import org.holdfast.wire.ChannelId;

/// Makes a network: organisations and their keys, node settings, the channel's genesis block, network.json.
final class NetworkMaker {
    private static final String NAME = "demo";
    private static final String HOST = "127.0.0.1";
    private static final String ORDERER_DOMAIN = "demo.holdfast.local";
    private static final String ORDERER_MSP = "OrdererMSP";
    private static final String CLIENT_DOMAIN = "clients.holdfast.local";
    private static final String CLIENT_MSP = "ClientsMSP";
    private static final String USER = "User1";
    private static final int PORTS_PER_NODE = 5;
    /// One shard, so that every command of programs that know nothing of shards finds its keys together.
    private static final ShardName KEYSPACE = new ShardName(SettingsFile.PLAIN_KEYSPACE, 1, 0, true);

    /// An election after one second without a leader: the nodes share a machine.
    private static final Options OPTIONS = new Options(Duration.ofMillis(100), 10, 1, 5, 16 << 20);

    private static final GenesisPlan.Settings SETTINGS =
            new GenesisPlan.Settings(OPTIONS, new BatchSize(500, 10 << 20, 2 << 20), Duration.ofSeconds(2));

    private final World world;
    private final Disk disk;
    private final NetworkDir dir;
    private final Crypto crypto;

    NetworkMaker(World world, NetworkDir dir, Crypto crypto) {
        this.world = world;
        this.disk = world.disk();
        this.dir = dir;
        this.crypto = crypto;
    }

    /// Writes everything under [NetworkDir#making] and makes it the directory's network.
    Network make(NetworkPlan plan) {
        Path root = dir.making();
        Network network = network(plan);
        Path cryptoDir = root.resolve(NetworkDir.CRYPTO);
        OrganizationFiles orderers = OrganizationFiles.write(
                world,
                crypto,
                cryptoDir,
                new OrganizationPlan(
                        ORDERER_DOMAIN,
                        OrganizationPlan.Kind.ORDERER,
                        network.nodes().stream()
                                .map(node -> new OrganizationPlan.Node(
                                        hostName(node), List.of(node.name(), "localhost", node.host())))
                                .toList(),
                        List.of()));
        OrganizationFiles clients = OrganizationFiles.write(
                world,
                crypto,
                cryptoDir,
                new OrganizationPlan(CLIENT_DOMAIN, OrganizationPlan.Kind.PEER, List.of(), List.of(USER)));
        Path channels = root.resolve(NetworkDir.CHANNELS);
        disk.createDirectories(channels);
        for (Network.Channel channel : network.channels()) {
            disk.replace(
                    root.resolve(channel.block()),
                    genesis(channel, network, orderers, clients).toByteArray());
        }
        for (Network.Node node : network.nodes()) {
            Path nodeDir = root.resolve(NetworkDir.NODES).resolve(node.name());
            disk.createDirectories(nodeDir);
            disk.replace(
                    nodeDir.resolve(SettingsFile.NAME),
                    SettingsFile.text(settings(node)).getBytes(StandardCharsets.UTF_8));
        }
        disk.replace(root.resolve(NetworkDir.NETWORK), NetworkDir.bytes(network));
        dir.commit();
        return network;
    }

    private Network network(NetworkPlan plan) {
        List<Integer> ports = FreePorts.choose(HOST, plan.nodes() * PORTS_PER_NODE, plan.firstPort(), world.chance());
        byte[] mark = new byte[6];
        world.chance().nextBytes(mark);
        String shortDir = "holdfast-" + HexFormat.of().formatHex(mark);
        List<Network.Node> nodes = new ArrayList<>();
        for (int i = 0; i < plan.nodes(); i++) {
            String name = "node" + (i + 1);
            int at = i * PORTS_PER_NODE;
            String config = NetworkDir.NODES + "/" + name + "/" + SettingsFile.NAME;
            nodes.add(new Network.Node(
                    name,
                    HOST,
                    new Network.Ports(
                            ports.get(at), ports.get(at + 1), ports.get(at + 2), ports.get(at + 3), ports.get(at + 4)),
                    config,
                    SettingsFile.control(dir, config, name, shortDir)));
        }
        String users = "/users/" + USER + "@" + CLIENT_DOMAIN + "/msp";
        String ordererPath = NetworkDir.CRYPTO + "/ordererOrganizations/" + ORDERER_DOMAIN;
        String clientPath = NetworkDir.CRYPTO + "/peerOrganizations/" + CLIENT_DOMAIN;
        return new Network(
                Network.VERSION,
                NAME,
                List.of(
                        ChannelCreation.entry(plan.channel().name()),
                        ChannelCreation.entry(KEYSPACE.channel().name())),
                nodes,
                List.of(
                        new Network.Org(
                                ORDERER_MSP,
                                Network.ORDERER,
                                ordererPath,
                                ordererPath + "/users/Admin@" + ORDERER_DOMAIN + "/msp"),
                        new Network.Org(CLIENT_MSP, Network.APPLICATION, clientPath, clientPath + users)));
    }

    private SettingsFile settings(Network.Node node) {
        String up = "../../";
        String organization = up + NetworkDir.CRYPTO + "/ordererOrganizations/" + ORDERER_DOMAIN;
        String home = organization + "/orderers/" + hostName(node);
        String clients = up + NetworkDir.CRYPTO + "/peerOrganizations/" + CLIENT_DOMAIN;
        Path control = Path.of(node.control());
        return new SettingsFile(
                node,
                SettingsFile.Listening.on(node.host()),
                home,
                ORDERER_MSP,
                new SettingsFile.Trust(
                        List.of(organization + "/tlsca/tlsca." + ORDERER_DOMAIN + "-cert.pem"),
                        List.of(clients + "/tlsca/tlsca." + CLIENT_DOMAIN + "-cert.pem")),
                control.isAbsolute() ? control.toString() : SettingsFile.CONTROL);
    }

    private ByteString genesis(
            Network.Channel channel, Network network, OrganizationFiles orderers, OrganizationFiles clients) {
        List<Consenter> consenters = new ArrayList<>();
        List<String> endpoints = new ArrayList<>();
        for (Network.Node node : network.nodes()) {
            Path file = orderers.nodeTls(hostName(node)).resolve("server.crt");
            X509Certificate certificate = Pem.firstCertificate(disk.read(file), file.toString());
            consenters.add(new Consenter(node.host(), node.ports().general(), certificate, certificate));
            endpoints.add(node.host() + ":" + node.ports().general());
        }
        GenesisPlan genesis = new GenesisPlan(
                new ChannelId(channel.name()),
                List.of(new GenesisPlan.Member(
                        "OrdererOrg", MspDirectory.read(disk, orderers.msp(), ORDERER_MSP), endpoints)),
                List.of(new GenesisPlan.Member(
                        "Clients", MspDirectory.read(disk, clients.msp(), CLIENT_MSP), List.of())),
                consenters,
                SETTINGS);
        return Genesis.block(genesis, world, crypto);
    }

    private static String hostName(Network.Node node) {
        return node.name() + "." + ORDERER_DOMAIN;
    }
}
