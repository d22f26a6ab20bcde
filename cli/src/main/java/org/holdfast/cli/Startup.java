package org.holdfast.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.holdfast.cli.ControlClient.NoAnswer;

/// Brings nodes up: processes started in parallel, channels joined, until every node is healthy and knows a leader.
final class Startup {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long LOOK_AGAIN_MILLIS = 50;

    private final Session session;
    private final Nodes nodes;
    private final long began;

    Startup(Session session, Nodes nodes) {
        this.session = session;
        this.nodes = nodes;
        this.began = session.world().clock().nanos();
    }

    /// Starts what does not run.
    ///
    /// @return the nodes started now
    List<Network.Node> start(List<Network.Node> wanted) {
        JvmOptions options = JvmOptions.current();
        List<Network.Node> down = wanted.stream()
                .filter(node -> nodes.process(node).running().isEmpty())
                .toList();
        try {
            nodes.each(down, node -> nodes.process(node).start(options));
        } catch (CommandFault e) {
            nodes.stop(down);
            throw e;
        }
        return down;
    }

    /// Waits until the nodes take part in every channel of the network.
    ///
    /// @throws CommandFault when one of them ends, or it takes too long
    void awaitReady(List<Network.Node> wanted) {
        nodes.each(wanted, node -> {
            awaitAnswer(node);
            for (Network.Channel channel : nodes.network().channels()) {
                if (nodes.status(node).channel(channel.name()).isEmpty()) {
                    nodes.join(node, channel);
                }
            }
            return node;
        });
        List<Network.Channel> channels = nodes.network().channels();
        while (true) {
            List<NodeStatus> status = nodes.each(wanted, nodes::status);
            if (status.stream().allMatch(one -> one.ready(channels))) {
                return;
            }
            wanted.forEach(this::requireAlive);
            requirePatience(problem(status, channels));
            Session.pause(LOOK_AGAIN_MILLIS);
        }
    }

    private void awaitAnswer(Network.Node node) {
        ControlClient control = new ControlClient(session.world());
        String last;
        do {
            requireAlive(node);
            try {
                control.ask(nodes.dir().control(node), ControlClient.verb("status"), Duration.ofSeconds(3));
                return;
            } catch (NoAnswer e) {
                last = node.name() + " gives no answer: " + e.text();
            }
            requirePatience(last);
        } while (Session.pause(LOOK_AGAIN_MILLIS));
        throw CommandFault.failed("interrupted while waiting: %s", last);
    }

    private void requireAlive(Network.Node node) {
        Optional<ProcessHandle> process = nodes.process(node).running();
        if (process.isEmpty()) {
            throw CommandFault.failed(
                    "%s has ended while starting: %s%n  the whole log: %s",
                    node.name(),
                    NodeLog.lastWords(nodes.dir().disk(), nodes.dir().log(node.name())),
                    nodes.dir().log(node.name()));
        }
    }

    private void requirePatience(String problem) {
        if (session.secondsSince(began) > PATIENCE.toSeconds()) {
            throw CommandFault.failed(
                    "not ready after %d s: %s%n  look into the logs with: holdfast logs NODE",
                    PATIENCE.toSeconds(), problem);
        }
    }

    private static String problem(List<NodeStatus> status, List<Network.Channel> channels) {
        return status.stream()
                .filter(one -> !one.ready(channels))
                .findFirst()
                .map(one -> one.name() + ": "
                        + (one.problems().isEmpty() ? "no leader yet" : String.join("; ", one.problems())))
                .orElse("unknown");
    }
}
