package org.holdfast.cli;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.holdfast.channel.Consenter;
import org.holdfast.channel.Genesis;
import org.holdfast.channel.GenesisPlan;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.identity.Pem;
import org.holdfast.wire.ChannelId;

/// Writes the network of a blueprint for real hosts: keys, settings, genesis blocks, profiles.
///
/// ```
/// organizations/{orderer,peer}Organizations/   all material with the authorities' keys, laid out as cryptogen does
/// channels/<channel>.block                     genesis blocks
/// nodes/<name>/                                one per node, to be copied to its host: settings, msp/, tls/, trust/
/// clients/<name>/                              one per client: msp/, tls/, trust/, its profile
/// network.json, plan.json                      a profile of all, and what the plan was judged by
/// ```
///
/// Used once, by one thread.
final class NetworkWriter {
    static final String ORGANIZATIONS = "organizations";
    static final String CLIENTS = "clients";
    static final String PLAN = "plan.json";
    private static final String TRUST = "trust";
    private static final String ADMIN = "Admin";
    private static final String TLS_ROOTS = "msp/tlscacerts";

    private final World world;
    private final Disk disk;
    private final Crypto crypto;
    private final Path root;
    private final Map<Blueprint.Org, OrganizationFiles> organizations = new LinkedHashMap<>();

    /// @param root an empty directory
    NetworkWriter(World world, Crypto crypto, Path root) {
        this.world = world;
        this.disk = world.disk();
        this.crypto = crypto;
        this.root = root;
    }

    void write(PlanCheck check) {
        Blueprint blueprint = check.blueprint();
        blueprint.organizations().forEach(org -> organizations.put(org, organization(blueprint, org)));
        for (Blueprint.Channel channel : blueprint.channels()) {
            put(root.resolve(blockOf(channel)), genesis(channel).toByteArray());
        }
        blueprint.nodes().forEach(node -> node(blueprint, node));
        blueprint.clients().forEach(client -> client(blueprint, client));
        text(root.resolve("README.txt"), HandOver.ofNetwork(blueprint));
        text(root.resolve(PLAN), Json.pretty(PlanReport.json(check)));
        put(root.resolve(NetworkDir.NETWORK), NetworkDir.bytes(profile(blueprint)));
    }

    private OrganizationFiles organization(Blueprint blueprint, Blueprint.Org org) {
        List<OrganizationPlan.Node> nodes = new ArrayList<>();
        for (Blueprint.Node node : blueprint.nodes()) {
            if (node.organization().equals(org)) {
                List<String> names = new ArrayList<>(List.of(node.name(), node.host()));
                names.addAll(node.addresses());
                nodes.add(new OrganizationPlan.Node(
                        node.fullName(), names.stream().distinct().toList()));
            }
        }
        for (String peer : org.peers()) {
            nodes.add(new OrganizationPlan.Node(peer + "." + org.domain(), List.of(peer)));
        }
        return OrganizationFiles.write(
                world,
                crypto,
                root.resolve(ORGANIZATIONS),
                new OrganizationPlan(org.domain(), org.kind(), nodes, org.users(), blueprint.validity()));
    }

    private OrganizationFiles of(Blueprint.Org org) {
        OrganizationFiles files = organizations.get(org);
        if (files == null) {
            throw new IllegalStateException("no files of " + org.name());
        }
        return files;
    }

    private ByteString genesis(Blueprint.Channel channel) {
        List<Consenter> consenters = new ArrayList<>();
        Map<Blueprint.Org, List<String>> endpoints = new LinkedHashMap<>();
        for (Blueprint.Node node : channel.consenters()) {
            Path file = of(node.organization()).nodeTls(node.fullName()).resolve("server.crt");
            X509Certificate certificate = Pem.firstCertificate(disk.read(file), file.toString());
            int port = node.listen().ports().general();
            consenters.add(new Consenter(node.host(), port, certificate, certificate));
            endpoints
                    .computeIfAbsent(node.organization(), _ -> new ArrayList<>())
                    .add(node.host() + ":" + port);
        }
        List<GenesisPlan.Member> orderers = new ArrayList<>();
        endpoints.forEach((org, addresses) -> orderers.add(member(org, addresses)));
        return Genesis.block(
                new GenesisPlan(
                        new ChannelId(channel.name()),
                        orderers,
                        channel.members().stream()
                                .map(org -> member(org, List.of()))
                                .toList(),
                        consenters,
                        channel.settings()),
                world,
                crypto);
    }

    private GenesisPlan.Member member(Blueprint.Org org, List<String> endpoints) {
        return new GenesisPlan.Member(org.name(), MspDirectory.read(disk, of(org).msp(), org.mspId()), endpoints);
    }

    private void node(Blueprint blueprint, Blueprint.Node node) {
        Path home = root.resolve(NetworkDir.NODES).resolve(node.name());
        OrganizationFiles files = of(node.organization());
        copy(files.nodeMsp(node.fullName()), home.resolve("msp"));
        copy(files.nodeTls(node.fullName()), home.resolve("tls"));
        List<Blueprint.Channel> channels = blueprint.channels().stream()
                .filter(channel -> channel.consenters().contains(node))
                .toList();
        channels.forEach(channel -> put(home.resolve(blockOf(channel)), disk.read(root.resolve(blockOf(channel)))));
        LinkedHashSet<String> orderers = new LinkedHashSet<>();
        LinkedHashSet<String> clients = new LinkedHashSet<>();
        for (Blueprint.Org org : blueprint.organizations()) {
            trust(home, org);
            String file = trusted(org) + "/" + TLS_ROOTS + "/tlsca." + org.domain() + "-cert.pem";
            (org.kind() == OrganizationPlan.Kind.ORDERER ? orderers : clients).add(file);
        }
        // An orderer organisation's users are clients too.
        clients.addAll(orderers);
        Blueprint.Listen listen = node.listen();
        Network.Node entry = new Network.Node(
                node.name(), listen.address(), listen.ports(), SettingsFile.NAME, SettingsFile.CONTROL);
        SettingsFile settings = new SettingsFile(
                entry,
                new SettingsFile.Listening(
                        listen.address(),
                        node.host(),
                        listen.operationsAddress(),
                        new SettingsFile.Redis(
                                listen.redisAddress(), blueprint.plainKeyspace().orElse(""))),
                ".",
                node.organization().mspId(),
                new SettingsFile.Trust(List.copyOf(orderers), List.copyOf(clients)),
                SettingsFile.CONTROL);
        text(home.resolve(SettingsFile.NAME), SettingsFile.text(settings));
        text(home.resolve("README.txt"), HandOver.ofNode(node));
        Network profile = new Network(
                Network.VERSION,
                blueprint.name(),
                channels.stream()
                        .map(channel -> new Network.Channel(channel.name(), blockOf(channel)))
                        .toList(),
                List.of(entry),
                List.of());
        put(home.resolve(NetworkDir.NETWORK), NetworkDir.bytes(profile));
    }

    private void client(Blueprint blueprint, Blueprint.Client client) {
        Path home = root.resolve(CLIENTS).resolve(client.name());
        OrganizationFiles files = of(client.organization());
        copy(files.userMsp(client.user()), home.resolve("msp"));
        copy(files.userTls(client.user()), home.resolve("tls"));
        List<Network.Org> orgs = new ArrayList<>();
        for (Blueprint.Org org : blueprint.organizations()) {
            boolean own = org.equals(client.organization());
            if (own || org.kind() == OrganizationPlan.Kind.ORDERER) {
                trust(home, org);
                orgs.add(new Network.Org(org.mspId(), kind(org), trusted(org), own ? "msp" : ""));
            }
        }
        List<Network.Channel> channels = blueprint.channels().stream()
                .filter(channel -> client.organization().kind() == OrganizationPlan.Kind.ORDERER
                        || channel.members().contains(client.organization()))
                .map(channel -> new Network.Channel(channel.name(), "", names(channel)))
                .toList();
        put(
                home.resolve(NetworkDir.NETWORK),
                NetworkDir.bytes(new Network(Network.VERSION, blueprint.name(), channels, remote(blueprint), orgs)));
    }

    /// The profile beside the organisations: acts for the first organisation that uses the channels.
    private Network profile(Blueprint blueprint) {
        List<Network.Org> orgs = new ArrayList<>();
        for (Blueprint.Org org : blueprint.organizations()) {
            String user = org.users().isEmpty() ? ADMIN : org.users().getFirst();
            orgs.add(new Network.Org(
                    org.mspId(),
                    kind(org),
                    relative(of(org).msp().resolveSibling("")),
                    relative(of(org).userMsp(user))));
        }
        return new Network(
                Network.VERSION,
                blueprint.name(),
                blueprint.channels().stream()
                        .map(channel -> new Network.Channel(channel.name(), blockOf(channel), names(channel)))
                        .toList(),
                remote(blueprint),
                orgs);
    }

    private static List<Network.Node> remote(Blueprint blueprint) {
        return blueprint.nodes().stream()
                .map(node ->
                        new Network.Node(node.name(), node.host(), node.listen().ports(), "", ""))
                .toList();
    }

    private static List<String> names(Blueprint.Channel channel) {
        return channel.consenters().stream().map(Blueprint.Node::name).toList();
    }

    private static String kind(Blueprint.Org org) {
        return org.kind() == OrganizationPlan.Kind.ORDERER ? Network.ORDERER : Network.APPLICATION;
    }

    private static String blockOf(Blueprint.Channel channel) {
        return NetworkDir.CHANNELS + "/" + channel.name() + ".block";
    }

    private static String trusted(Blueprint.Org org) {
        return TRUST + "/" + org.domain();
    }

    /// The public membership of an organisation: what others may know of it.
    private void trust(Path home, Blueprint.Org org) {
        copy(of(org).msp(), home.resolve(trusted(org)).resolve("msp"));
    }

    private String relative(Path path) {
        return root.relativize(path).toString();
    }

    private void copy(Path from, Path to) {
        for (Path entry : disk.list(from)) {
            Path target = to.resolve(String.valueOf(entry.getFileName()));
            if (entry.toFile().isDirectory()) {
                copy(entry, target);
            } else if (secret(entry)) {
                disk.createDirectories(to);
                disk.replaceSecret(target, disk.read(entry));
            } else {
                put(target, disk.read(entry));
            }
        }
    }

    /// Private keys, by the names [OrganizationFiles] gives them.
    private static boolean secret(Path file) {
        return file.endsWith("priv_sk") || file.toString().endsWith(".key");
    }

    private void text(Path file, String text) {
        put(file, text.getBytes(StandardCharsets.UTF_8));
    }

    private void put(Path file, byte[] content) {
        Path parent = file.getParent();
        if (parent != null) {
            disk.createDirectories(parent);
        }
        disk.replace(file, content);
    }
}
