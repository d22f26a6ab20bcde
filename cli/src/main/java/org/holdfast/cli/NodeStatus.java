package org.holdfast.cli;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One node as `status --json` shows it; the order of the fields is part of the shape.
///
/// @param pid null when the node does not run
/// @param healthy whether the node runs, answers and reports no problem
/// @param problems what it says is wrong; shown to people only
/// @param redisPort where its Redis door is open for keys `keyspace:table:key`; null when it has none
/// @param redisPlainPort the same for bare keys
@JsonPropertyOrder({"name", "pid", "dir", "healthy", "ports", "channels", "redisPort", "redisPlainPort"})
record NodeStatus(
        String name,
        @Nullable Long pid,
        String dir,
        boolean healthy,
        Network.Ports ports,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer redisPort,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer redisPlainPort,

        List<Channel> channels,
        @JsonIgnore List<String> problems) {

    /// @param role leader, follower or observer
    /// @param leader the leader's name, null while there is none
    /// @param lag blocks behind the highest node that answers
    /// @param config number of the config in force; negative when the node does not say
    /// @param applied of a shard: the last block whose commands are in its state there; null when the node does not say
    /// @param keys of a shard: how many it has; null likewise
    /// @param stateTransfer of a shard: its state that comes from another node; null when none does
    /// @param transactions ordered so far; negative when the node does not say
    @JsonPropertyOrder({"name", "role", "leader", "term", "height", "lag", "config", "applied", "keys", "stateTransfer"
    })
    record Channel(
            String name,
            String role,
            @Nullable String leader,
            long term,
            long height,
            long lag,
            long config,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long applied,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long keys,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Transfer stateTransfer,

            @JsonIgnore long transactions) {
        private Channel withLag(long blocks) {
            return new Channel(
                    name, role, leader, term, height, blocks, config, applied, keys, stateTransfer, transactions);
        }
    }

    /// A shard's state on its way from another node.
    ///
    /// @param block the last one whose commands are in it
    @JsonPropertyOrder({"from", "block", "bytes", "total"})
    record Transfer(String from, long block, long bytes, long total) {
        static @Nullable Transfer of(JsonNode channel) {
            JsonNode told = channel.path("stateTransfer");
            return told.isObject()
                    ? new Transfer(
                            told.path("from").asString(""),
                            told.path("block").asLong(-1),
                            told.path("bytes").asLong(0),
                            told.path("total").asLong(0))
                    : null;
        }
    }

    /// A node that does not run, or does not answer.
    static NodeStatus silent(NetworkDir dir, Network.Node node, @Nullable Long pid, String problem) {
        return new NodeStatus(
                node.name(),
                pid,
                dir.nodeDir(node).toString(),
                false,
                node.ports().ofMembers(),
                node.ports().redis(),
                node.ports().redisPlain(),
                List.of(),
                List.of(problem));
    }

    /// A node's own answer.
    static NodeStatus of(NetworkDir dir, Network.Node node, long pid, JsonNode answer) {
        List<Channel> channels = new ArrayList<>();
        for (JsonNode channel : answer.path("channels")) {
            channels.add(new Channel(
                    channel.path("name").asString(""),
                    channel.path("role").asString("observer"),
                    channel.path("leader").asStringOpt().orElse(null),
                    channel.path("term").asLong(0),
                    channel.path("height").asLong(0),
                    0,
                    channel.path("config").asLong(-1),
                    number(channel, "applied"),
                    number(channel, "keys"),
                    Transfer.of(channel),
                    channel.path("transactions").asLong(-1)));
        }
        List<String> problems = new ArrayList<>();
        answer.path("problems").forEach(problem -> problems.add(problem.asString(problem.toString())));
        return new NodeStatus(
                node.name(),
                pid,
                dir.nodeDir(node).toString(),
                answer.path("healthy").asBoolean(false),
                bound(node.ports(), answer),
                port(answer, "redisPort"),
                port(answer, "redisPlainPort"),
                List.copyOf(channels),
                List.copyOf(problems));
    }

    /// The node's own word: the engine of a later incarnation has a port of its own.
    private static Network.Ports bound(Network.Ports planned, JsonNode answer) {
        int raft = answer.path("ports").path("raft").asInt(0);
        return new Network.Ports(planned.general(), raft == 0 ? planned.raft() : raft, planned.operations());
    }

    private static @Nullable Long number(JsonNode channel, String field) {
        JsonNode value = channel.path(field);
        return value.isNumber() ? value.asLong() : null;
    }

    private static @Nullable Integer port(JsonNode answer, String field) {
        int port = answer.path(field).asInt(0);
        return port == 0 ? null : port;
    }

    /// The same, with every channel's lag counted from the highest of the nodes.
    static List<NodeStatus> compared(List<NodeStatus> nodes) {
        Map<String, Long> highest = new TreeMap<>();
        for (NodeStatus node : nodes) {
            node.channels.forEach(channel -> highest.merge(channel.name, channel.height, Math::max));
        }
        return nodes.stream().map(node -> node.behind(highest)).toList();
    }

    private NodeStatus behind(Map<String, Long> highest) {
        List<Channel> counted = channels.stream()
                .map(channel -> channel.withLag(highest.getOrDefault(channel.name, channel.height) - channel.height))
                .toList();
        return new NodeStatus(name, pid, dir, healthy, ports, redisPort, redisPlainPort, counted, problems);
    }

    Optional<Channel> channel(String wanted) {
        return channels.stream()
                .filter(channel -> channel.name().equals(wanted))
                .findFirst();
    }

    /// Whether the node is healthy and knows a leader in each of the channels.
    boolean ready(List<Network.Channel> wanted) {
        return healthy && knowsLeaders(wanted);
    }

    /// Whether the node knows a leader in each of the channels.
    boolean knowsLeaders(List<Network.Channel> wanted) {
        return wanted.stream()
                .allMatch(channel -> channel(channel.name())
                        .filter(here -> here.leader() != null)
                        .isPresent());
    }
}
