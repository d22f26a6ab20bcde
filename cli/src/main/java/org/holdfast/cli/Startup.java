package org.holdfast.cli;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.cli.ControlClient.NoAnswer;

/// Brings nodes up: processes started in parallel, channels joined, until every node is healthy and knows a leader.
final class Startup {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /// For the nodes that are left when one does not take part.
    private static final Duration OTHERS_PATIENCE = Duration.ofSeconds(30);

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

    /// Waits until the nodes take part in every channel of the network. A node that cannot, because it ended or refuses
    /// to join, does not keep the others from serving.
    ///
    /// @return what is wrong with the nodes that do not take part, in the order of the nodes
    /// @throws CommandFault when none takes part, or it takes too long
    List<String> awaitReady(List<Network.Node> wanted) {
        Map<Network.Node, CommandFault> lost = new ConcurrentHashMap<>();
        nodes.each(wanted, node -> {
            try {
                takePart(node);
            } catch (CommandFault e) {
                lost.put(node, e);
            }
            return node;
        });
        long looked = session.world().clock().nanos();
        List<Network.Channel> channels = nodes.network().channels();
        while (true) {
            for (Network.Node node : wanted) {
                ended(node).ifPresent(fault -> lost.putIfAbsent(node, fault));
            }
            List<CommandFault> faults = wanted.stream()
                    .flatMap(node -> Optional.ofNullable(lost.get(node)).stream())
                    .toList();
            if (faults.size() == wanted.size()
                    || (!faults.isEmpty() && session.secondsSince(looked) > OTHERS_PATIENCE.toSeconds())) {
                throw faults.getFirst();
            }
            List<NodeStatus> status = nodes.each(
                    wanted.stream().filter(node -> !lost.containsKey(node)).toList(), nodes::status);
            if (status.stream().allMatch(one -> one.ready(channels))) {
                return faults.stream().map(CommandFault::text).toList();
            }
            requirePatience(problem(status, channels));
            Session.pause(LOOK_AGAIN_MILLIS);
        }
    }

    /// Waits until a node answers, has it leave what was dropped and join what it has not joined.
    ///
    /// @throws CommandFault when it ends, refuses, or takes too long
    void takePart(Network.Node node) {
        awaitAnswer(node);
        nodes.network().drops().forEach(dropped -> nodes.leave(node, dropped));
        for (Network.Channel channel : nodes.network().channels()) {
            if (nodes.status(node).channel(channel.name()).isEmpty()) {
                nodes.join(node, channel);
            }
        }
    }

    private void awaitAnswer(Network.Node node) {
        ControlClient control = new ControlClient(session.world());
        String last;
        do {
            ended(node).ifPresent(fault -> {
                throw fault;
            });
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

    private Optional<CommandFault> ended(Network.Node node) {
        if (nodes.process(node).running().isPresent()) {
            return Optional.empty();
        }
        return Optional.of(CommandFault.failed(
                "%s has ended while starting: %s%n  the whole log: %s",
                node.name(),
                NodeLog.lastWords(nodes.dir().disk(), nodes.dir().log(node)),
                nodes.dir().log(node)));
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
