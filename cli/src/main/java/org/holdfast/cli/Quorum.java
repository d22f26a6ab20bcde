package org.holdfast.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/// The consenters that order a set of channels, and what they survive.
///
/// With Raft a quorum is more than half of the consenters, and F of 2F+1 may fail. With BFT it is ceil((n+f+1)/2) of n
/// votes by weight, where f = (n-1)/3 may fail or lie.
///
/// @param channels ordered by just these consenters; empty when the plan has no channel
record Quorum(Blueprint.Engine engine, List<String> channels, List<Blueprint.Node> consenters) {
    /// A part of the consenters and what the loss of it leaves.
    ///
    /// @param weight its votes
    /// @param left the votes of the others
    record Part(String name, List<String> nodes, int weight, int left) {}

    /// All votes.
    int weight() {
        return consenters.stream().mapToInt(Blueprint.Node::weight).sum();
    }

    /// F by count of nodes.
    int mayFail() {
        return Math.max(
                0,
                switch (engine) {
                    case RAFT -> (consenters.size() - 1) / 2;
                    case BFT -> (consenters.size() - 1) / 3;
                });
    }

    /// Votes that decide.
    int needed() {
        int votes = weight();
        return switch (engine) {
            case RAFT -> votes / 2 + 1;
            case BFT -> (votes + Math.max(0, votes - 1) / 3 + 2) / 2;
        };
    }

    /// Whether the votes left without a part decide.
    boolean survives(Part lost) {
        return lost.left() >= needed();
    }

    /// The zones, as the plan names them first.
    List<Part> zones() {
        return parts(Blueprint.Node::zone);
    }

    /// The organisations.
    List<Part> organizations() {
        return parts(node -> node.organization().name());
    }

    /// The machines.
    List<Part> hosts() {
        return parts(Blueprint.Node::host);
    }

    private List<Part> parts(Function<Blueprint.Node, String> by) {
        Map<String, Part> parts = new LinkedHashMap<>();
        int all = weight();
        for (Blueprint.Node node : consenters) {
            String name = by.apply(node);
            Part part = new Part(name, List.of(node.name()), node.weight(), all - node.weight());
            parts.merge(
                    name,
                    part,
                    (before, more) -> new Part(
                            name,
                            Stream.concat(before.nodes().stream(), more.nodes().stream())
                                    .toList(),
                            before.weight() + more.weight(),
                            before.left() - more.weight()));
        }
        return List.copyOf(parts.values());
    }
}
