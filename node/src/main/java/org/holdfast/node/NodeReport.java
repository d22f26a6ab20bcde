package org.holdfast.node;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.holdfast.channel.Consenter;
import org.holdfast.keyspace.Keyspaces;
import org.holdfast.keyspace.ShardName;
import org.holdfast.order.Orderer;
import org.holdfast.order.OrdererStatus;
import org.holdfast.wire.MemberId;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a node says of itself to its operator.
final class NodeReport {
    private static final JsonMapper JSON = new JsonMapper();

    private final String name;
    private final Channels channels;
    private final Keyspaces keyspaces;
    private final Health health;
    private final Ports ports;

    /// Ports as they are bound; 0 = none.
    record Ports(int general, int operations, int redis, int redisPlain) {}

    NodeReport(String name, Channels channels, Keyspaces keyspaces, Health health, Ports ports) {
        this.name = name;
        this.channels = channels;
        this.keyspaces = keyspaces;
        this.health = health;
        this.ports = ports;
    }

    /// Everything that keeps the node from serving; empty = healthy.
    List<String> problems() {
        return health.failures().stream().map(Health.Failure::toString).toList();
    }

    ObjectNode status() {
        ObjectNode node = JSON.createObjectNode();
        List<String> problems = problems();
        node.put("ok", true)
                .put("name", name)
                .put("pid", ProcessHandle.current().pid());
        node.put("version", Version.text()).put("healthy", problems.isEmpty());
        ArrayNode list = node.putArray("problems");
        problems.forEach(list::add);
        ObjectNode bound = node.putObject("ports");
        bound.put("general", ports.general());
        if (channels.engineRuns()) {
            String address = channels.engineAddress();
            bound.put("raft", Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
            node.put("member", channels.self().toString());
        }
        bound.put("operations", ports.operations());
        if (ports.redis() > 0) {
            node.put("redisPort", ports.redis());
        }
        if (ports.redisPlain() > 0) {
            node.put("redisPlainPort", ports.redisPlain());
        }
        ArrayNode array = node.putArray("channels");
        // Shards stand last, so that who looks at a node's first channel sees the same one as before there were any.
        channels.open().stream()
                .sorted(Comparator.comparing(
                        orderer -> ShardName.parse(orderer.config().id()).isPresent()))
                .forEach(orderer -> array.add(channel(orderer)));
        return node;
    }

    private ObjectNode channel(Orderer orderer) {
        OrdererStatus status = orderer.status();
        ObjectNode channel = JSON.createObjectNode();
        channel.put("name", orderer.config().id().name());
        channel.put("role", status.role().name().toLowerCase(Locale.ROOT));
        Optional<String> leader = status.leader().flatMap(member -> nodeName(orderer, member));
        channel.put("leader", leader.orElse(null));
        channel.put("term", status.term());
        channel.put("height", status.height());
        channel.put("config", status.configSequence());
        status.problem().ifPresent(problem -> channel.put("problem", problem));
        keyspaces.report(orderer.config().id()).ifPresent(shard -> {
            channel.put("applied", shard.appliedBlock()).put("keys", shard.keys());
            shard.problem().ifPresent(problem -> channel.put("stateProblem", problem));
            shard.transfer()
                    .ifPresent(coming -> channel.putObject("stateTransfer")
                            .put("from", coming.from())
                            .put("block", coming.block())
                            .put("bytes", coming.bytes())
                            .put("total", coming.total()));
        });
        return channel;
    }

    /// The first label of the common name in the member's TLS certificate: what its operator calls it.
    private static Optional<String> nodeName(Orderer orderer, MemberId member) {
        for (Consenter consenter : orderer.config().consenters()) {
            if (consenter.seat().equals(member.seat())) {
                return Optional.of(nameOf(consenter));
            }
        }
        return Optional.empty();
    }

    /// What a consenter's operator calls it.
    static String nameOf(Consenter consenter) {
        return commonName(consenter.serverTls().getSubjectX500Principal().getName())
                .orElse(consenter.address());
    }

    private static Optional<String> commonName(String subject) {
        try {
            for (Rdn rdn : new LdapName(subject).getRdns()) {
                if (rdn.getType().equalsIgnoreCase("CN")) {
                    String name = String.valueOf(rdn.getValue());
                    int dot = name.indexOf('.');
                    return Optional.of(dot > 0 ? name.substring(0, dot) : name);
                }
            }
            return Optional.empty();
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }
}
