package org.holdfast.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Looks after running nodes: a live line, a word about every node that ends, a clean stop on Ctrl-C.
///
/// The command's thread watches; the JVM's shutdown thread stops the nodes. They share the `stopping` flag only.
final class Supervision {
    private static final long LOOK_AGAIN_MILLIS = 500;

    private final Session session;
    private final Nodes nodes;
    private final Set<String> down = new HashSet<>();
    private final Map<String, Reading> readings = new HashMap<>();
    private volatile boolean stopping;
    private @Nullable Runnable takeBack;

    /// How far a channel was at a moment.
    private record Reading(long nanos, long count) {}

    Supervision(Session session, Nodes nodes) {
        this.session = session;
        this.nodes = nodes;
    }

    /// From now on the end of this process stops the nodes.
    void stopAllAtExit() {
        takeBack = session.world().atShutdown("stop-nodes", this::stopAll);
    }

    /// Takes [#stopAllAtExit] back.
    void disarm() {
        if (takeBack != null && !stopping) {
            takeBack.run();
        }
    }

    private void stopAll() {
        stopping = true;
        session.screen().endLive();
        List<Network.Node> running = nodes.running();
        if (running.isEmpty()) {
            return;
        }
        session.screen().note("stopping %d nodes".formatted(running.size()));
        nodes.stop(running);
        session.screen().note("stopped; the data stays in " + nodes.dir().root());
    }

    /// Returns when all nodes have ended.
    void watch() {
        while (!stopping) {
            List<NodeStatus> status = nodes.status();
            if (stopping) {
                break;
            }
            status.forEach(this::tellChange);
            if (status.stream().allMatch(one -> one.pid() == null)) {
                session.screen().endLive();
                session.screen().note("all nodes have ended; start them again with: holdfast up");
                disarm();
                return;
            }
            session.screen().live(line(status));
            if (!Session.pause(LOOK_AGAIN_MILLIS)) {
                return;
            }
        }
        // The shutdown thread ends the process when the nodes have stopped.
        boolean waiting = true;
        while (waiting) {
            waiting = Session.pause(LOOK_AGAIN_MILLIS);
        }
    }

    private void tellChange(NodeStatus status) {
        if (status.pid() == null && down.add(status.name())) {
            session.screen()
                    .note("%s has ended: %s%n  start it again with: holdfast start %s"
                            .formatted(
                                    status.name(),
                                    NodeLog.lastWords(
                                            nodes.dir().disk(),
                                            nodes.dir().log(nodes.network().node(status.name()))),
                                    status.name()));
        } else if (status.pid() != null && down.remove(status.name())) {
            session.screen().note("%s runs again (pid %d)".formatted(status.name(), status.pid()));
        }
    }

    /// The live line: how many nodes are healthy, and of every channel height, leader and rate.
    private String line(List<NodeStatus> status) {
        List<String> parts = new ArrayList<>();
        long healthy = status.stream().filter(NodeStatus::healthy).count();
        parts.add("%d/%d healthy".formatted(healthy, status.size()));
        for (Network.Channel channel : nodes.network().channels()) {
            parts.add(channelPart(channel.name(), status));
        }
        status.stream()
                .filter(one -> !one.healthy())
                .map(one -> one.name() + (one.pid() == null ? " down" : " unwell"))
                .forEach(parts::add);
        return parts.stream().collect(Collectors.joining("  |  ")) + "  (Ctrl-C stops all)";
    }

    private String channelPart(String name, List<NodeStatus> status) {
        long height = 0;
        long transactions = -1;
        String leader = "none";
        for (NodeStatus one : status) {
            NodeStatus.Channel here = one.channel(name).orElse(null);
            if (here != null) {
                height = Math.max(height, here.height());
                transactions = Math.max(transactions, here.transactions());
                leader = here.leader() == null ? leader : here.leader();
            }
        }
        boolean counted = transactions >= 0;
        double rate = rate(name, counted ? transactions : height);
        return "%s: height %d, leader %s, %.0f %s/s".formatted(name, height, leader, rate, counted ? "tx" : "blocks");
    }

    private double rate(String name, long count) {
        long now = session.world().clock().nanos();
        Reading before = readings.get(name);
        double rate =
                before == null ? 0 : Math.max(0, count - before.count()) * 1e9 / Math.max(1, now - before.nanos());
        readings.put(name, new Reading(now, count));
        return rate;
    }
}
