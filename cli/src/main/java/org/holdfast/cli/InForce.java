package org.holdfast.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.wire.Decode;

/// Waits until a channel's nodes have a config in force: nodes of this machine are asked through their control
/// sockets, others for their newest block.
record InForce(Session session, NetworkDir dir, Client client) {
    private static final long LOOK_AGAIN_MILLIS = 100;
    /// How long nodes elsewhere may give no answer at all while no other node is waited for.
    private static final long SILENCE_SECONDS = 5;

    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    /// Where a config is in force.
    ///
    /// @param nodes sorted
    record Reached(List<String> nodes, List<Missing> missing) {}

    /// @param reason why not, and what comes of it
    record Missing(String node, String reason) {}

    /// Waits.
    ///
    /// @param config of the block that carries it
    Reached await(LiveConfig config, int seconds) {
        long began = session.world().clock().nanos();
        long moved = began;
        Map<Network.Node, Place> waiting = new LinkedHashMap<>();
        client.nodes().forEach(node -> waiting.put(node, Place.WAITING));
        List<String> reached = new ArrayList<>();
        List<Missing> missing = new ArrayList<>();
        while (!waiting.isEmpty()) {
            for (Network.Node node : List.copyOf(waiting.keySet())) {
                Place place = place(node, config);
                waiting.put(node, place);
                if (place.there()) {
                    reached.add(node.name());
                    waiting.remove(node);
                    moved = session.world().clock().nanos();
                } else if (place.over()) {
                    missing.add(new Missing(node.name(), place.reason()));
                    waiting.remove(node);
                }
            }
            boolean silent =
                    waiting.values().stream().allMatch(Place::silent) && session.secondsSince(moved) > SILENCE_SECONDS;
            if (silent || session.secondsSince(began) > seconds) {
                double waited = session.secondsSince(began);
                waiting.forEach((node, place) -> missing.add(new Missing(node.name(), place.after((int) waited))));
                break;
            }
            Session.pause(waiting.isEmpty() ? 0 : LOOK_AGAIN_MILLIS);
        }
        reached.sort(null);
        return new Reached(reached, missing);
    }

    /// How a node stands to the config.
    ///
    /// @param there whether it is in force there
    /// @param over there is nothing to wait for
    /// @param silent whether it gave no answer
    private record Place(boolean there, boolean over, boolean silent, String reason) {
        static final Place THERE = new Place(true, false, false, "");
        static final Place WAITING = new Place(false, false, false, "");

        String after(int seconds) {
            return reason.isEmpty() ? "not after %d s; it catches up".formatted(seconds) : reason;
        }
    }

    private Place place(Network.Node node, LiveConfig config) {
        Network network = dir.load();
        if (!network.nodes().stream().allMatch(Network.Node::local)) {
            return elsewhere(node, config);
        }
        Nodes nodes = new Nodes(session, dir, network);
        if (nodes.process(node).running().isEmpty()) {
            return new Place(false, true, false, "not running; it catches up when it starts");
        }
        return nodes.status(node)
                        .channel(config.config().id().name())
                        .filter(here -> here.config() >= config.config().sequence())
                        .isPresent()
                ? Place.THERE
                : Place.WAITING;
    }

    private Place elsewhere(Network.Node node, LiveConfig config) {
        Tip.Answer answer = Tip.of(client, node);
        String address = "%s:%d".formatted(node.host(), node.ports().general());
        if (answer.block().isEmpty()) {
            return switch (answer.status()) {
                case Tip.SILENT ->
                    new Place(
                            false, false, true, "no answer from %s; it catches up when it is back".formatted(address));
                case FORBIDDEN ->
                    new Place(
                            false,
                            true,
                            false,
                            "%s does not let the user of this directory read it (any more)".formatted(address));
                case NOT_FOUND ->
                    new Place(false, false, false, "%s does not know this channel, or not yet".formatted(address));
                default -> Place.WAITING;
            };
        }
        try {
            return LiveConfig.lastConfig(answer.block().get())
                            >= config.config().blockNumber()
                    ? Place.THERE
                    : Place.WAITING;
        } catch (InvalidProtocolBufferException e) {
            return new Place(false, true, false, "its newest block cannot be read: " + Decode.reason(e));
        }
    }
}
