package org.holdfast.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `holdfast start`, `stop` and `kill`: one node.
final class NodeCommands {
    private NodeCommands() {}

    /// What the three have in common.
    abstract static class OneNode implements Callable<Integer> {
        final Session session;

        @Mixin
        final DirOption dirOption = new DirOption();

        @Parameters(paramLabel = "NODE", description = "The node's name, e.g. node1; or: leader.")
        private String name = "";

        OneNode(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            NetworkDir dir = dirOption.open(session);
            Network network = dir.load();
            Nodes nodes = new Nodes(session, dir, network);
            session.screen().say(act(nodes, network.node(name.equals("leader") ? leader(nodes) : name)));
            return 0;
        }

        /// The node that leads the network's first channel.
        private static String leader(Nodes nodes) {
            return nodes.status().stream()
                    .flatMap(status -> status.channels().stream())
                    .flatMap(channel -> Optional.ofNullable(channel.leader()).stream())
                    .findFirst()
                    .orElseThrow(() -> CommandFault.failed("no node knows a leader now; see: holdfast status"));
        }

        abstract String act(Nodes nodes, Network.Node node);
    }

    @Command(name = "start", description = "Starts one node and waits until it is healthy and knows a leader.")
    static final class Start extends OneNode {
        Start(Session session) {
            super(session);
        }

        @Override
        String act(Nodes nodes, Network.Node node) {
            long began = session.world().clock().nanos();
            Startup startup = new Startup(session, nodes);
            boolean started = !startup.start(List.of(node)).isEmpty();
            startup.awaitReady(List.of(node));
            return started
                    ? "%s is ready after %.1f s".formatted(node.name(), session.secondsSince(began))
                    : node.name() + " was running already";
        }
    }

    @Command(name = "stop", description = "Stops one node cleanly and waits until it has ended.")
    static final class Stop extends OneNode {
        Stop(Session session) {
            super(session);
        }

        @Override
        String act(Nodes nodes, Network.Node node) {
            boolean ran = nodes.process(node).running().isPresent();
            nodes.stop(List.of(node));
            return ran ? node.name() + " has stopped" : node.name() + " was not running";
        }
    }

    @Command(
            name = "kill",
            description =
                    "Ends one node as a power cut would (kill -9), to rehearse it. Start it again with: start NODE")
    static final class Kill extends OneNode {
        Kill(Session session) {
            super(session);
        }

        @Override
        String act(Nodes nodes, Network.Node node) {
            Optional<ProcessHandle> process = nodes.process(node).running();
            return nodes.process(node).kill()
                    ? "%s%s is killed; start it again with: holdfast start %s%s"
                            .formatted(
                                    node.name(),
                                    process.map(one -> " (pid " + one.pid() + ")")
                                            .orElse(""),
                                    node.name(),
                                    dirOption.words())
                    : node.name() + " was not running";
        }
    }
}
