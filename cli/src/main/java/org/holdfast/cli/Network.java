package org.holdfast.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The content of network.json. Paths are relative to the network directory unless absolute.
///
/// @param version of this shape
/// @param name of the network
/// @param channels made with the network
/// @param nodes in the order they were made
/// @param orgs who may order and who may submit
/// @param dropped channels that not all nodes are known to have left; null: none
record Network(
        int version,
        String name,
        List<Channel> channels,
        List<Node> nodes,
        List<Org> orgs,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        List<Dropped> dropped) {
    /// The shape this program writes and reads.
    static final int VERSION = 1;

    Network(int version, String name, List<Channel> channels, List<Node> nodes, List<Org> orgs) {
        this(version, name, channels, nodes, orgs, null);
    }

    /// A channel that is no longer one of the network's.
    ///
    /// @param genesis hash of block 0's header, hexadecimal: another channel may have the name by now
    record Dropped(String name, String genesis) {}

    /// @param block path of the channel's genesis block; empty where a client needs none
    /// @param nodes names of the nodes that order it; null: all
    record Channel(
            String name,
            String block,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            List<String> nodes) {
        Channel(String name, String block) {
            this(name, block, null);
        }
    }

    /// @param host address of all the node's ports
    /// @param config path of its settings; empty when the node runs on another machine
    /// @param control path of its control socket; empty likewise
    record Node(String name, String host, Ports ports, String config, String control) {
        /// Whether its directory is here.
        boolean local() {
            return !config.isEmpty();
        }
    }

    /// TCP ports of one node.
    ///
    /// @param general gRPC for clients and members
    /// @param raft the engine's own listener
    /// @param operations HTTP: health, metrics, channel participation
    /// @param redis Redis clients, keys `keyspace:table:key`; null: none
    /// @param redisPlain Redis clients with bare keys, of one table; null: none
    record Ports(
            int general,
            int raft,
            int operations,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer redis,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer redisPlain) {
        Ports(int general, int raft, int operations) {
            this(general, raft, operations, null, null);
        }

        /// Without those for Redis clients.
        Ports ofMembers() {
            return new Ports(general, raft, operations);
        }
    }

    /// @param kind `orderer` or `application`
    /// @param path of its material
    /// @param user path of the MSP directory of somebody who may act for it; empty when nobody here may
    record Org(String mspId, String kind, String path, String user) {}

    static final String ORDERER = "orderer";
    static final String APPLICATION = "application";

    Node node(String wanted) {
        return nodes.stream()
                .filter(node -> node.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> CommandFault.usage(
                        "there is no node '%s'; the nodes are %s",
                        wanted, String.join(", ", nodes.stream().map(Node::name).toList())));
    }

    Channel channel(String wanted) {
        return channels.stream()
                .filter(channel -> channel.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> CommandFault.usage(
                        "there is no channel '%s'; the channels are %s",
                        wanted,
                        String.join(", ", channels.stream().map(Channel::name).toList())));
    }

    Org org(String kind) {
        return orgs.stream()
                .filter(org -> org.kind().equals(kind))
                .findFirst()
                .orElseThrow(() -> CommandFault.failed("network.json names no %s organisation", kind));
    }

    /// Whose user acts here: an organisation that uses the channels, else one that orders.
    Org acting() {
        return orgs.stream()
                .filter(org -> !org.user().isEmpty())
                .min(Comparator.comparingInt(org -> org.kind().equals(APPLICATION) ? 0 : 1))
                .orElseThrow(() -> CommandFault.failed("network.json names nobody who may submit or read"));
    }

    /// Who reads and sends configs here: an organisation that orders, else one that uses the channels.
    Org governing() {
        return orgs.stream()
                .filter(org -> !org.user().isEmpty())
                .min(Comparator.comparingInt(org -> org.kind().equals(ORDERER) ? 0 : 1))
                .orElseThrow(() -> CommandFault.failed("network.json names nobody who may read or change a config"));
    }

    /// The organisations that order.
    List<Org> orderers() {
        return orgs.stream().filter(org -> org.kind().equals(ORDERER)).toList();
    }

    /// The same network with one node's entry replaced.
    Network with(Node changed) {
        List<Node> result = new ArrayList<>();
        for (Node node : nodes) {
            result.add(node.name().equals(changed.name()) ? changed : node);
        }
        return new Network(version, name, channels, List.copyOf(result), orgs, dropped);
    }

    /// The same network with one more channel.
    Network with(Channel added) {
        List<Channel> result = new ArrayList<>(channels);
        result.add(added);
        return new Network(version, name, List.copyOf(result), nodes, orgs, dropped);
    }

    /// The same network without a channel, which is to be left.
    Network dropping(Dropped one) {
        List<Dropped> result = new ArrayList<>(drops());
        result.remove(one);
        result.add(one);
        List<Channel> left = channels.stream()
                .filter(channel -> !channel.name().equals(one.name()))
                .toList();
        return new Network(version, name, left, nodes, orgs, List.copyOf(result));
    }

    /// The same network, all of whose nodes have left what was dropped.
    Network allLeft() {
        return new Network(version, name, channels, nodes, orgs, null);
    }

    /// Channels that not all nodes are known to have left.
    List<Dropped> drops() {
        return dropped == null ? List.of() : dropped;
    }

    /// A channel's nodes from the named one on, around the ring; the order in which a client tries them.
    List<Node> startingAt(String channel, Optional<String> first) {
        // A client's profile is as old as its directory: nodes elsewhere may order channels it does not name.
        boolean told = nodes.stream().allMatch(Node::local)
                || channels.stream().anyMatch(one -> one.name().equals(channel));
        List<String> known = told ? channel(channel).nodes() : null;
        List<Node> serving = known == null
                ? nodes
                : nodes.stream().filter(node -> known.contains(node.name())).toList();
        if (first.isEmpty()) {
            return serving;
        }
        int at = serving.indexOf(node(first.get()));
        if (at < 0) {
            throw CommandFault.usage("%s does not order channel %s", first.get(), channel);
        }
        List<Node> result = new ArrayList<>(serving.subList(at, serving.size()));
        result.addAll(serving.subList(0, at));
        return List.copyOf(result);
    }
}
