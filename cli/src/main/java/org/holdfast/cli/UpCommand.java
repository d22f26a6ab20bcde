package org.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.holdfast.env.Disk;
import org.holdfast.identity.Crypto;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `holdfast up`.
@Command(
        name = "up",
        description = "Makes a network if there is none, starts its nodes and looks after them until Ctrl-C.",
        footer = {
            "",
            "Examples:",
            "  holdfast up                 three nodes in ./.holdfast; Ctrl-C stops them, the data stays",
            "  holdfast up --detach        returns when all nodes are ready; stop them with: holdfast down",
            "  holdfast up --dir net2 --nodes 5 --channel orders"
        })
final class UpCommand implements Callable<Integer> {
    private static final int DEFAULT_NODES = 3;
    private static final String DEFAULT_CHANNEL = "demo";

    private final Session session;

    @Mixin
    private final DirOption dirOption = new DirOption();

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "How many nodes a new network gets (default: " + DEFAULT_NODES + ").")
    private @Nullable Integer nodeCount;

    @Option(
            names = "--channel",
            paramLabel = "NAME",
            description = "The channel of a new network (default: " + DEFAULT_CHANNEL + ").")
    private @Nullable String channel;

    @Option(
            names = "--ports",
            paramLabel = "FIRST",
            description = "Where to look for free ports for a new network, five per node. Without it they are chosen.")
    private @Nullable Integer firstPort;

    @Option(names = "--detach", description = "Return when the network is ready; the nodes go on.")
    private boolean detach;

    UpCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        long began = session.world().clock().nanos();
        NetworkDir dir = dirOption.open(session);
        NetworkPlan plan = plan();
        try (Disk.DiskLock _ = dir.lock()) {
            Nodes nodes = new Nodes(session, dir, network(dir, plan));
            Supervision supervision = new Supervision(session, nodes);
            Startup startup = new Startup(session, nodes);
            if (!detach) {
                supervision.stopAllAtExit();
            }
            List<Network.Node> started = List.of();
            List<String> troubles;
            try {
                started = startup.start(nodes.network().nodes());
                troubles = startup.awaitReady(nodes.network().nodes());
            } catch (CommandFault e) {
                nodes.stop(started);
                supervision.disarm();
                throw e;
            }
            troubles.forEach(session.screen()::note);
            int all = nodes.network().nodes().size();
            introduce(
                    nodes,
                    "%d of %d nodes ready in %.1f s (%d started)"
                            .formatted(all - troubles.size(), all, session.secondsSince(began), started.size()));
            if (!detach) {
                supervision.watch();
            }
            return troubles.isEmpty() ? 0 : CommandFault.FAILED;
        }
    }

    private NetworkPlan plan() {
        return NetworkPlan.of(
                nodeCount == null ? DEFAULT_NODES : nodeCount,
                channel == null ? DEFAULT_CHANNEL : channel,
                firstPort == null ? OptionalInt.empty() : OptionalInt.of(firstPort));
    }

    private Network network(NetworkDir dir, NetworkPlan plan) {
        if (dir.prepare()) {
            session.screen().note("making a network of %d nodes in %s".formatted(plan.nodes(), dir.root()));
            return SettingsFile.placed(
                    session, dir, new NetworkMaker(session.world(), dir, Crypto.choose()).make(plan));
        }
        Network network = Nodes.local(dir.load());
        if (nodeCount != null && network.nodes().size() != nodeCount) {
            throw CommandFault.usage(
                    "the network in %s has %d nodes; leave --nodes out, or make another network with --dir",
                    dir.root(), network.nodes().size());
        }
        if (channel != null) {
            network.channel(channel);
        }
        if (firstPort != null) {
            throw CommandFault.usage(
                    "the ports of the network in %s are part of its channels' configuration; leave --ports out, "
                            + "or make another network with --dir",
                    dir.root());
        }
        return SettingsFile.placed(session, dir, network);
    }

    private void introduce(Nodes nodes, String ready) {
        Network network = nodes.network();
        Screen screen = session.screen();
        String channelName = network.channels().getFirst().name();
        Optional<String> leader = nodes.status().stream()
                .flatMap(status -> status.channel(channelName).stream())
                .flatMap(here -> Optional.ofNullable(here.leader()).stream())
                .findFirst();
        screen.say("%s, channel %s, leader %s".formatted(ready, channelName, leader.orElse("unknown")));
        for (Network.Node node : network.nodes()) {
            screen.say("  %-8s grpcs://%s:%d   operations http://%s:%d"
                    .formatted(
                            node.name(),
                            node.host(),
                            node.ports().general(),
                            node.host(),
                            node.ports().operations()));
        }
        for (Network.Node node : network.nodes()) {
            List<String> doors = new ArrayList<>();
            door(node, node.ports().redis(), "keys keyspace:table:key").ifPresent(doors::add);
            door(node, node.ports().redisPlain(), "bare keys").ifPresent(doors::add);
            if (!doors.isEmpty()) {
                screen.say("  %-8s %s".formatted(node.name(), String.join("   ", doors)));
            }
        }
        tell(network, leader, channelName);
    }

    private static Optional<String> door(Network.Node node, @Nullable Integer port, String keys) {
        return Optional.ofNullable(port).map(known -> "redis://%s:%d (%s)".formatted(node.host(), known, keys));
    }

    private void tell(Network network, Optional<String> leader, String channelName) {
        Screen screen = session.screen();
        String dir = dirOption.words();
        screen.say("Try" + (detach ? ":" : " in another terminal:"));
        screen.say("  ./holdfast submit%s --channel %s --lines --file README.md".formatted(dir, channelName));
        screen.say("  ./holdfast feed%s --channel %s --json".formatted(dir, channelName));
        Optional.ofNullable(network.nodes().getFirst().ports().redis())
                .ifPresent(port -> screen.say(
                        "  redis-cli -p %d SET %s:demo:greeting hello".formatted(port, SettingsFile.PLAIN_KEYSPACE)));
        screen.say("  ./holdfast kill%s %s && ./holdfast status%s"
                .formatted(dir, leader.orElse(network.nodes().getFirst().name()), dir));
    }
}
