package org.holdfast.cli;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.holdfast.keyspace.ShardName;
import org.holdfast.wire.ChannelId;
import org.jspecify.annotations.Nullable;

/// A keyspace as the names of channels tell, with how its shards stand. The order of the fields is part of the shape of
/// `--json`.
///
/// @param shards how many it has
/// @param digest whether its states keep a digest
/// @param parts the shards that there are, in order; fewer than `shards` after an interrupted creation
@JsonPropertyOrder({"name", "shards", "digest", "whole", "parts"})
record KeyspaceView(String name, int shards, boolean digest, boolean whole, List<Part> parts) {
    /// A shard.
    ///
    /// @param leader null while there is none
    @JsonPropertyOrder({"shard", "channel", "leader", "nodes"})
    record Part(int shard, String channel, @Nullable String leader, List<Place> nodes) {}

    /// A shard on a node.
    ///
    /// @param applied last block whose commands are in the state there; null when the node does not say
    /// @param keys how many the state has; null likewise
    @JsonPropertyOrder({"node", "role", "height", "applied", "keys"})
    record Place(
            String node,
            String role,
            long height,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long applied,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long keys) {}

    /// All keyspaces, from the network's channels and what the nodes say.
    static List<KeyspaceView> all(Network network, List<NodeStatus> status) {
        TreeSet<String> names = new TreeSet<>();
        network.channels().forEach(channel -> names.add(channel.name()));
        status.forEach(node -> node.channels().forEach(channel -> names.add(channel.name())));
        return of(names, status);
    }

    private static List<KeyspaceView> of(Collection<String> channels, List<NodeStatus> status) {
        TreeMap<ShardName, List<ShardName>> keyspaces = new TreeMap<>();
        for (String channel : channels) {
            shard(channel)
                    .ifPresent(shard -> keyspaces
                            .computeIfAbsent(shard.at(0), _ -> new ArrayList<>())
                            .add(shard));
        }
        List<KeyspaceView> views = new ArrayList<>();
        keyspaces.forEach((first, shards) -> {
            List<Part> parts =
                    shards.stream().sorted().map(shard -> part(shard, status)).toList();
            boolean whole = parts.size() == first.shards();
            views.add(new KeyspaceView(first.keyspace(), first.shards(), first.digest(), whole, parts));
        });
        return List.copyOf(views);
    }

    static Optional<ShardName> shard(String channel) {
        return ChannelId.isValid(channel) ? ShardName.parse(new ChannelId(channel)) : Optional.empty();
    }

    private static Part part(ShardName shard, List<NodeStatus> status) {
        String channel = shard.channel().name();
        List<Place> places = new ArrayList<>();
        String leader = null;
        for (NodeStatus node : status) {
            Optional<NodeStatus.Channel> here = node.channel(channel);
            if (here.isPresent()) {
                NodeStatus.Channel there = here.get();
                places.add(new Place(node.name(), there.role(), there.height(), there.applied(), there.keys()));
                leader = there.leader() == null ? leader : there.leader();
            }
        }
        return new Part(shard.index(), channel, leader, List.copyOf(places));
    }

    /// Keys of all shards, as the nodes that have applied most say; empty when none says.
    @JsonIgnore
    Optional<Long> keys() {
        long sum = 0;
        for (Part part : parts) {
            Long keys = null;
            long best = Long.MIN_VALUE;
            for (Place place : part.nodes()) {
                if (place.keys() != null && place.applied() != null && place.applied() > best) {
                    best = place.applied();
                    keys = place.keys();
                }
            }
            if (keys == null) {
                return Optional.empty();
            }
            sum += keys;
        }
        return Optional.of(sum);
    }
}
