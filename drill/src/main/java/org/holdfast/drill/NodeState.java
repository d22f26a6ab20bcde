package org.holdfast.drill;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What a node says of itself on its control socket.
///
/// @param healthy nothing keeps it from serving
/// @param problems what does
/// @param member its member id
/// @param ports as bound
/// @param channels open ones
public record NodeState(boolean healthy, List<String> problems, String member, Ports ports, List<Channel> channels) {
    public NodeState {
        problems = List.copyOf(problems);
        channels = List.copyOf(channels);
    }

    /// Ports as bound; 0 = none.
    public record Ports(int general, int raft, int operations) {}

    /// @param role leader, follower or observer
    /// @param leader name of the node that leads, empty when none is known
    /// @param height number of blocks
    /// @param config sequence of the config in force
    public record Channel(String name, String role, String leader, long term, long height, long config) {}

    static NodeState of(JsonNode json) {
        List<String> problems = new ArrayList<>();
        json.path("problems").forEach(problem -> problems.add(problem.asString("")));
        List<Channel> channels = new ArrayList<>();
        json.path("channels")
                .forEach(channel -> channels.add(new Channel(
                        channel.path("name").asString(""),
                        channel.path("role").asString(""),
                        channel.path("leader").asString(""),
                        channel.path("term").asLong(0),
                        channel.path("height").asLong(0),
                        channel.path("config").asLong(0))));
        JsonNode ports = json.path("ports");
        return new NodeState(
                json.path("healthy").asBoolean(false),
                problems,
                json.path("member").asString(""),
                new Ports(
                        ports.path("general").asInt(0),
                        ports.path("raft").asInt(0),
                        ports.path("operations").asInt(0)),
                channels);
    }

    /// The channel, if it is open.
    public Optional<Channel> channel(String name) {
        return channels.stream().filter(channel -> channel.name().equals(name)).findFirst();
    }
}
