package org.holdfast.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.channel.ChannelConfig;

/// Waits until a channel's nodes have its next config in force: nodes of this machine are asked through their control
/// sockets, others for their newest block.
record InForce(Session session, NetworkDir dir, Client client) {
    private static final long LOOK_AGAIN_MILLIS = 100;

    /// Waits and tells node by node.
    ///
    /// @param before the config until now
    /// @return whether all nodes have it
    boolean await(ChannelConfig before, int seconds) {
        long wanted = before.sequence() + 1;
        long began = session.world().clock().nanos();
        List<Network.Node> waiting = new ArrayList<>(client.nodes());
        List<String> reached = new ArrayList<>();
        List<String> lost = new ArrayList<>();
        while (!waiting.isEmpty()) {
            for (Network.Node node : List.copyOf(waiting)) {
                Place place = place(node, before);
                if (place.there()) {
                    reached.add(node.name());
                    waiting.remove(node);
                } else if (place.down().isPresent()) {
                    lost.add("%s: %s".formatted(node.name(), place.down().get()));
                    waiting.remove(node);
                }
            }
            if (session.secondsSince(began) > seconds) {
                waiting.forEach(node -> lost.add("%s: not after %d s".formatted(node.name(), seconds)));
                break;
            }
            if (!waiting.isEmpty()) {
                Session.pause(LOOK_AGAIN_MILLIS);
            }
        }
        reached.sort(null);
        session.screen()
                .say("config %d of channel %s is in force on %s"
                        .formatted(
                                wanted, before.id(), reached.isEmpty() ? "no node yet" : String.join(", ", reached)));
        lost.forEach(text -> session.screen().note("not in force on " + text));
        return lost.isEmpty();
    }

    /// @param down why there is nothing to wait for
    private record Place(boolean there, Optional<String> down) {}

    private Place place(Network.Node node, ChannelConfig before) {
        String channel = before.id().name();
        Network network = dir.load();
        if (!network.nodes().stream().allMatch(Network.Node::local)) {
            boolean there = newest(client, node)
                    .filter(last -> last > before.blockNumber())
                    .isPresent();
            return new Place(there, Optional.empty());
        }
        Nodes nodes = new Nodes(session, dir, network);
        if (nodes.process(node).running().isEmpty()) {
            return new Place(false, Optional.of("not running; it catches up when it starts"));
        }
        boolean there = nodes.status(node)
                .channel(channel)
                .filter(here -> here.config() > before.sequence())
                .isPresent();
        return new Place(there, Optional.empty());
    }

    /// The number of the newest config block a node delivers; empty when it delivers none now.
    private static Optional<Long> newest(Client client, Network.Node node) {
        return Tip.of(client, node).block().flatMap(block -> {
            try {
                return Optional.of(LiveConfig.lastConfig(block));
            } catch (InvalidProtocolBufferException unreadable) {
                return Optional.empty();
            }
        });
    }
}
