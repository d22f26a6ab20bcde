package org.holdfast.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.holdfast.channel.GenesisPlan;
import org.holdfast.env.Disk;
import org.holdfast.env.YamlTree;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.keyspace.ShardName;
import org.holdfast.wire.ChannelId;
import org.jspecify.annotations.Nullable;

/// Reads a network.yaml. Every fault is found before anything is said; an unknown key is a fault, because a setting
/// somebody meant and mistyped must not be silently left out. Used once, by one thread.
final class BlueprintReader {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern CONFIG_KEY = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9.-]{0,248}");
    private static final Pattern HOST = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9.:-]{0,253}[a-zA-Z0-9])?|::1?");
    private static final Pattern USER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final String ADMIN = "Admin";
    private static final int COMMON_NAME_MAX = 64;
    private static final int DAYS_MAX = 36_500;
    private static final int WEIGHT_MAX = 1_000_000;
    private static final int GENERAL = 7050;
    private static final int OPERATIONS = 8443;

    private final YamlTree root;
    private final Map<String, Blueprint.Org> organizations = new LinkedHashMap<>();
    private final Map<String, Blueprint.Node> nodes = new LinkedHashMap<>();

    private BlueprintReader(YamlTree root) {
        this.root = root;
    }

    /// Reads a file.
    ///
    /// @throws CommandFault listing every fault with its path and line
    static Blueprint read(Disk disk, Path file) {
        if (!disk.exists(file)) {
            throw CommandFault.failed("%s does not exist; docs/network.md shows a complete one", file);
        }
        YamlTree root = YamlTree.of(file.toString(), disk.read(file));
        Blueprint blueprint = new BlueprintReader(root).read();
        if (!root.faults().isEmpty()) {
            throw CommandFault.failed(
                    "%s cannot be used:%n  %s",
                    file, String.join(System.lineSeparator() + "  ", new TreeSet<>(root.faults())));
        }
        return blueprint;
    }

    private Blueprint read() {
        root.onlyKeys(Set.of(
                "network",
                "engine",
                "certificates",
                "organizations",
                "nodes",
                "clients",
                "channels",
                "keyspaces",
                "accept"));
        String name = name(root.at("network"));
        Blueprint.Engine engine = engine();
        OrganizationPlan.Validity validity = validity();
        organizations();
        nodes(engine);
        return new Blueprint(
                name,
                engine,
                validity,
                List.copyOf(organizations.values()),
                List.copyOf(nodes.values()),
                clients(),
                channels(),
                accepted());
    }

    private Blueprint.Engine engine() {
        String engine = root.at("engine").text().orElse("raft");
        return switch (engine) {
            case "raft" -> Blueprint.Engine.RAFT;
            case "bft" -> Blueprint.Engine.BFT;
            default -> {
                root.at("engine").fault("is '%s', raft or bft is wanted".formatted(engine));
                yield Blueprint.Engine.RAFT;
            }
        };
    }

    private OrganizationPlan.Validity validity() {
        YamlTree certificates = root.at("certificates");
        certificates.onlyKeys(Set.of("authorityDays", "days"));
        int usual = (int) OrganizationPlan.Validity.DEFAULT.authorities().toDays();
        int authorities = certificates.at("authorityDays").number(usual, 1, DAYS_MAX);
        int leaves = certificates.at("days").number(Math.min(usual, authorities), 1, DAYS_MAX);
        if (leaves > authorities) {
            certificates
                    .at("days")
                    .fault("is %d, longer than the authorities live (authorityDays, %d): nothing would be valid then"
                            .formatted(leaves, authorities));
        }
        return new OrganizationPlan.Validity(Blueprint.days(authorities), Blueprint.days(leaves));
    }

    private void organizations() {
        Set<String> domains = new TreeSet<>();
        Set<String> msps = new TreeSet<>();
        for (YamlTree each : listed(root.at("organizations"))) {
            each.onlyKeys(Set.of("name", "mspId", "domain", "kind", "peers", "users"));
            String name = matching(each.at("name"), CONFIG_KEY, "a name such as Org1");
            String msp = matching(each.at("mspId"), CONFIG_KEY, "an id such as Org1MSP");
            String domain = matching(each.at("domain"), HOST, "a domain such as org1.example.com");
            String kind = each.at("kind").required();
            if (!kind.isEmpty() && !kind.equals("orderer") && !kind.equals("peer")) {
                each.at("kind").fault("is '%s', orderer or peer is wanted".formatted(kind));
            }
            OrganizationPlan.Kind known =
                    kind.equals("orderer") ? OrganizationPlan.Kind.ORDERER : OrganizationPlan.Kind.PEER;
            List<String> users = distinct(each.at("users"), USER, "a user's name such as User1");
            List<String> peers = distinct(each.at("peers"), NAME, "a host name without domain such as peer0");
            if (users.contains(ADMIN)) {
                each.at("users").fault("names Admin, whom every organisation has");
            }
            if (known == OrganizationPlan.Kind.ORDERER && !peers.isEmpty()) {
                each.at("peers").fault("stands at an organisation of kind orderer; its nodes are listed under 'nodes'");
            }
            once(each.at("mspId"), msp, msps);
            once(each.at("domain"), domain, domains);
            Blueprint.Org org = new Blueprint.Org(name, msp, domain, known, peers, users);
            if (organizations.putIfAbsent(name, org) != null) {
                each.at("name").fault("is '%s', which another organisation has".formatted(name));
            }
        }
    }

    private void nodes(Blueprint.Engine engine) {
        Set<String> addresses = new TreeSet<>();
        for (YamlTree each : listed(root.at("nodes"))) {
            each.onlyKeys(Set.of(
                    "name",
                    "organization",
                    "host",
                    "addresses",
                    "zone",
                    "role",
                    "weight",
                    "listen",
                    "operationsListen",
                    "redisListen",
                    "ports"));
            String name = name(each.at("name"));
            Blueprint.Org org = organization(each.at("organization"), OrganizationPlan.Kind.ORDERER);
            String host = matching(each.at("host"), HOST, "a host name or address");
            if (host.equals("0.0.0.0") || host.equals("::")) {
                each.at("host").fault("is %s, which nobody can dial; it belongs under 'listen'".formatted(host));
            }
            String zone = matching(each.at("zone"), CONFIG_KEY, "the name of a zone");
            int weight = each.at("weight").number(1, 1, WEIGHT_MAX);
            if (engine == Blueprint.Engine.RAFT && weight != 1) {
                each.at("weight").fault("is %d; with Raft every vote weighs 1".formatted(weight));
            }
            Blueprint.Listen listen = listen(each);
            ports(each, host, listen.ports(), addresses);
            if (org == null) {
                continue;
            }
            Blueprint.Node node = new Blueprint.Node(
                    name,
                    org,
                    host,
                    distinct(each.at("addresses"), HOST, "a host name or address"),
                    zone,
                    role(each.at("role")),
                    weight,
                    listen);
            if (node.fullName().length() > COMMON_NAME_MAX) {
                each.at("name")
                        .fault("makes the name %s, longer than the %d characters a certificate holds"
                                .formatted(node.fullName(), COMMON_NAME_MAX));
            }
            if (nodes.putIfAbsent(name, node) != null) {
                each.at("name").fault("is '%s', which another node has".formatted(name));
            }
        }
    }

    private static Blueprint.Role role(YamlTree at) {
        String role = at.text().orElse("consenter");
        if (!role.equals("consenter") && !role.equals("observer")) {
            at.fault("is '%s', consenter or observer is wanted".formatted(role));
        }
        return role.equals("observer") ? Blueprint.Role.OBSERVER : Blueprint.Role.CONSENTER;
    }

    private static Blueprint.Listen listen(YamlTree node) {
        YamlTree ports = node.at("ports");
        ports.onlyKeys(Set.of("general", "raft", "operations", "redis", "redisPlain"));
        int general = ports.at("general").number(GENERAL, 1, 65_535);
        return new Blueprint.Listen(
                address(node.at("listen"), "0.0.0.0"),
                address(node.at("operationsListen"), "127.0.0.1"),
                address(node.at("redisListen"), "127.0.0.1"),
                new Network.Ports(
                        general,
                        ports.at("raft").number(Math.min(general + 1, 65_535), 1, 65_535),
                        ports.at("operations").number(OPERATIONS, 1, 65_535),
                        optionalPort(ports.at("redis")),
                        optionalPort(ports.at("redisPlain"))));
    }

    private static String address(YamlTree at, String fallback) {
        return at.present() ? matching(at, HOST, "an address of the host") : fallback;
    }

    private static @Nullable Integer optionalPort(YamlTree at) {
        return at.present() ? Integer.valueOf(at.number(1, 1, 65_535)) : null;
    }

    private static void ports(YamlTree node, String host, Network.Ports ports, Set<String> addresses) {
        Stream<Integer> redis = Stream.of(ports.redis(), ports.redisPlain()).filter(Objects::nonNull);
        for (int port : Stream.concat(Stream.of(ports.general(), ports.raft(), ports.operations()), redis)
                .toList()) {
            if (!host.isEmpty() && !addresses.add(host + ":" + port)) {
                node.at("ports").fault("use %d, which is taken on host %s".formatted(port, host));
            }
        }
    }

    private List<Blueprint.Client> clients() {
        Map<String, Blueprint.Client> clients = new LinkedHashMap<>();
        for (YamlTree each : root.at("clients").items()) {
            each.onlyKeys(Set.of("name", "organization", "user"));
            String name = name(each.at("name"));
            Blueprint.Org org = organization(each.at("organization"), null);
            String user = each.at("user").required();
            if (org == null) {
                continue;
            }
            if (!user.isEmpty() && !user.equals(ADMIN) && !org.users().contains(user)) {
                each.at("user")
                        .fault("is '%s', who is no user of %s (known: Admin%s)"
                                .formatted(
                                        user,
                                        org.name(),
                                        org.users().stream()
                                                .map(known -> ", " + known)
                                                .reduce("", String::concat)));
            }
            if (clients.putIfAbsent(name, new Blueprint.Client(name, org, user)) != null) {
                each.at("name").fault("is '%s', which another client has".formatted(name));
            }
        }
        return List.copyOf(clients.values());
    }

    private List<Blueprint.Channel> channels() {
        Map<String, Blueprint.Channel> channels = new LinkedHashMap<>();
        for (YamlTree each : root.at("channels").items()) {
            each.onlyKeys(Set.of("name", "consenters", "members", "batch", "timeout", "raft"));
            String name = each.at("name").required();
            if (!name.isEmpty() && !ChannelId.isValid(name)) {
                each.at("name")
                        .fault("is '%s': small letters, digits, '.' and '-' are wanted, a letter first"
                                .formatted(name));
            }
            Blueprint.Channel channel = new Blueprint.Channel(
                    name, BlueprintOrdering.read(each), consenters(each.at("consenters")), members(each));
            if (channels.putIfAbsent(name, channel) != null) {
                each.at("name").fault("is '%s', which another channel has".formatted(name));
            }
        }
        keyspaces(channels);
        return List.copyOf(channels.values());
    }

    private void keyspaces(Map<String, Blueprint.Channel> channels) {
        Set<String> keyspaces = new TreeSet<>();
        for (YamlTree each : root.at("keyspaces").items()) {
            shards(each, keyspaces).forEach(shard -> {
                if (channels.putIfAbsent(shard.name(), shard) != null) {
                    each.at("name").fault("has the shard %s, which is under channels".formatted(shard.name()));
                }
            });
        }
        boolean plain =
                nodes.values().stream().anyMatch(node -> node.listen().ports().redisPlain() != null);
        if (plain && keyspaces.isEmpty()) {
            root.at("keyspaces").fault("is missing: the keys at a node's redisPlain lie in the first one");
        }
    }

    /// The channels that a keyspace's shards are.
    private List<Blueprint.Channel> shards(YamlTree at, Set<String> others) {
        at.onlyKeys(Set.of("name", "shards", "digest", "consenters", "members", "batch", "timeout", "raft"));
        String name = at.at("name").required();
        int shards = at.at("shards").number(1, 1, ShardName.SHARDS_MAX);
        String digest = at.at("digest").text().orElse("true");
        if (!digest.equals("true") && !digest.equals("false")) {
            at.at("digest").fault("is '%s', true or false is wanted".formatted(digest));
        }
        GenesisPlan.Settings settings = BlueprintOrdering.read(at);
        List<Blueprint.Node> consenters = consenters(at.at("consenters"));
        List<Blueprint.Org> members = members(at);
        once(at.at("name"), name, others);
        if (name.isEmpty() || !ShardName.isKeyspace(name)) {
            at.at("name")
                    .fault("is '%s': letters, digits and underscores are wanted, %d at most"
                            .formatted(name, ShardName.KEYSPACE_MAX));
            return List.of();
        }
        return IntStream.range(0, shards)
                .mapToObj(index -> new ShardName(name, shards, index, digest.equals("true"))
                        .channel()
                        .name())
                .map(channel -> new Blueprint.Channel(channel, settings, consenters, members))
                .toList();
    }

    private List<Blueprint.Node> consenters(YamlTree at) {
        List<Blueprint.Node> consenters = new ArrayList<>();
        if (!at.present()) {
            nodes.values().stream()
                    .filter(node -> node.role() == Blueprint.Role.CONSENTER)
                    .forEach(consenters::add);
            return consenters;
        }
        for (YamlTree item : at.items()) {
            String name = item.required();
            Blueprint.Node node = nodes.get(name);
            if (node == null) {
                item.fault("is '%s', which is no node".formatted(name));
            } else if (node.role() == Blueprint.Role.OBSERVER) {
                item.fault("is %s, whose role is observer".formatted(name));
            } else if (consenters.contains(node)) {
                item.fault("names %s a second time".formatted(name));
            } else {
                consenters.add(node);
            }
        }
        return consenters;
    }

    private List<Blueprint.Org> members(YamlTree channel) {
        List<Blueprint.Org> members = new ArrayList<>();
        for (YamlTree item : listed(channel.at("members"))) {
            Blueprint.Org org = organization(item, OrganizationPlan.Kind.PEER);
            if (org != null && members.contains(org)) {
                item.fault("names %s a second time".formatted(org.name()));
            } else if (org != null) {
                members.add(org);
            }
        }
        return members;
    }

    private Map<String, String> accepted() {
        Map<String, String> accepted = new LinkedHashMap<>();
        for (YamlTree each : root.at("accept").items()) {
            each.onlyKeys(Set.of("rule", "reason"));
            String rule = each.at("rule").required();
            String reason = each.at("reason").required();
            if (!rule.isEmpty() && PlanRule.named(rule).isEmpty()) {
                each.at("rule").fault("is '%s'; the rules are %s".formatted(rule, PlanRule.names()));
            }
            if (accepted.putIfAbsent(rule, reason) != null) {
                each.at("rule").fault("names %s a second time".formatted(rule));
            }
        }
        return accepted;
    }

    private Blueprint.@Nullable Org organization(YamlTree at, OrganizationPlan.@Nullable Kind kind) {
        String name = at.required();
        if (name.isEmpty()) {
            return null;
        }
        Blueprint.Org org = organizations.get(name);
        if (org == null) {
            at.fault("is '%s', which is no organisation".formatted(name));
        } else if (kind != null && org.kind() != kind) {
            at.fault("is %s, whose kind is not %s"
                    .formatted(name, kind == OrganizationPlan.Kind.ORDERER ? "orderer" : "peer"));
            return null;
        }
        return org;
    }

    private static List<YamlTree> listed(YamlTree at) {
        List<YamlTree> items = at.items();
        if (items.isEmpty()) {
            at.fault("is missing: at least one is needed");
        }
        return items;
    }

    private static String name(YamlTree at) {
        return matching(at, NAME, "small letters, digits and '-', at most 63");
    }

    private static String matching(YamlTree at, Pattern form, String wanted) {
        String text = at.required();
        if (!text.isEmpty() && !form.matcher(text).matches()) {
            at.fault("is '%s', %s is wanted".formatted(text, wanted));
        }
        return text;
    }

    private static List<String> distinct(YamlTree list, Pattern form, String wanted) {
        Set<String> seen = new TreeSet<>();
        List<String> texts = new ArrayList<>();
        for (YamlTree item : list.items()) {
            String text = matching(item, form, wanted);
            once(item, text, seen);
            texts.add(text);
        }
        return texts;
    }

    private static void once(YamlTree at, String text, Set<String> seen) {
        if (!text.isEmpty() && !seen.add(text)) {
            at.fault("is '%s', which is there already".formatted(text));
        }
    }
}
