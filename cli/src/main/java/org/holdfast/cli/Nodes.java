package org.holdfast.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.holdfast.cli.ControlClient.NoAnswer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// All nodes of one network: asked, started and stopped together, each on a virtual thread of its own.
final class Nodes {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Session session;
    private final NetworkDir dir;
    private final Network network;
    private final ControlClient control;

    /// @throws CommandFault when the nodes run elsewhere
    Nodes(Session session, NetworkDir dir, Network network) {
        this.session = session;
        this.dir = dir;
        this.network = local(network);
        this.control = new ControlClient(session.world());
    }

    /// The network, when its nodes run on this machine, as their directories lie here.
    ///
    /// @throws CommandFault naming a node that does not
    static Network local(Network network) {
        for (Network.Node node : network.nodes()) {
            if (!node.local()) {
                throw CommandFault.failed(
                        "%s runs on host %s and is looked after there, with --dir and its node directory; "
                                + "from here you can submit and feed",
                        node.name(), node.host());
            }
        }
        return network;
    }

    NetworkDir dir() {
        return dir;
    }

    Network network() {
        return network;
    }

    NodeProcess process(Network.Node node) {
        return new NodeProcess(dir, node);
    }

    /// Every node's status, in the network's order.
    List<NodeStatus> status() {
        return NodeStatus.compared(onAll(this::status));
    }

    NodeStatus status(Network.Node node) {
        Optional<ProcessHandle> process = process(node).running();
        if (process.isEmpty()) {
            return NodeStatus.silent(dir, node, null, "not running; start it with: holdfast start " + node.name());
        }
        long pid = process.get().pid();
        try {
            JsonNode answer = control.ask(dir.control(node), ControlClient.verb("status"), PATIENCE);
            return NodeStatus.of(dir, node, pid, answer);
        } catch (NoAnswer e) {
            return NodeStatus.silent(dir, node, pid, "runs, but gives no answer: " + e.text());
        } catch (CommandFault e) {
            return NodeStatus.silent(dir, node, pid, e.text());
        }
    }

    /// Has a node join a channel of the network; a second time changes nothing.
    void join(Network.Node node, Network.Channel channel) {
        try {
            control.ask(
                    dir.control(node),
                    ControlClient.verb("join")
                            .put("blockFile", dir.path(channel.block()).toString()),
                    Duration.ofSeconds(30));
        } catch (NoAnswer e) {
            throw CommandFault.failed("%s does not join channel %s: %s", node.name(), channel.name(), e.text());
        }
    }

    /// Has a node leave a channel that was dropped; a second time changes nothing.
    void leave(Network.Node node, Network.Dropped dropped) {
        try {
            control.ask(
                    dir.control(node),
                    ControlClient.verb("leave").put("channel", dropped.name()).put("genesis", dropped.genesis()),
                    Duration.ofMinutes(2));
        } catch (NoAnswer e) {
            throw CommandFault.failed("%s does not leave channel %s: %s", node.name(), dropped.name(), e.text());
        }
    }

    /// Asks a running node something.
    ///
    /// @throws CommandFault when it refuses, or gives no answer
    JsonNode ask(Network.Node node, ObjectNode question, Duration patience) {
        try {
            return control.ask(dir.control(node), question, patience);
        } catch (NoAnswer e) {
            throw CommandFault.failed("%s gives no answer: %s", node.name(), e.text());
        }
    }

    /// Makes every force of the nodes' disks take longer; zero ends it.
    void delayForces(Duration each, Duration lasting) {
        for (Network.Node node : running()) {
            try {
                control.ask(
                        dir.control(node),
                        ControlClient.verb("force-delay")
                                .put("micros", each.toNanos() / 1000)
                                .put("seconds", lasting.toSeconds()),
                        PATIENCE);
            } catch (NoAnswer e) {
                throw CommandFault.failed("%s takes no delay of its disk: %s", node.name(), e.text());
            }
        }
    }

    List<Network.Node> running() {
        return network.nodes().stream()
                .filter(node -> process(node).running().isPresent())
                .toList();
    }

    /// Stops what runs: SIGTERM, and SIGKILL for what has not ended after [NodeProcess#STOP_PATIENCE].
    void stop(List<Network.Node> nodes) {
        nodes.forEach(node -> process(node).requestStop());
        each(nodes, node -> {
            if (!process(node).awaitStop(NodeProcess.STOP_PATIENCE)) {
                session.screen()
                        .note("%s did not stop within %d s and was killed; its log: %s"
                                .formatted(node.name(), NodeProcess.STOP_PATIENCE.toSeconds(), dir.log(node)));
            }
            return node;
        });
    }

    <T> List<T> onAll(Function<Network.Node, T> work) {
        return each(network.nodes(), work);
    }

    /// Does something with several nodes at once and waits for all.
    ///
    /// @throws CommandFault the first node's that failed, in order
    <T> List<T> each(List<Network.Node> nodes, Function<Network.Node, T> work) {
        List<CompletableFuture<T>> started = new ArrayList<>();
        for (Network.Node node : nodes) {
            CompletableFuture<T> result = new CompletableFuture<>();
            session.world().start("node-" + node.name(), () -> {
                try {
                    result.complete(work.apply(node));
                } catch (RuntimeException e) { // boundary: handed to the thread that waits
                    result.completeExceptionally(e);
                }
            });
            started.add(result);
        }
        List<T> results = new ArrayList<>();
        for (CompletableFuture<T> result : started) {
            results.add(joined(result));
        }
        return results;
    }

    private static <T> T joined(CompletableFuture<T> result) {
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw e;
        }
    }
}
