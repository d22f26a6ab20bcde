package org.holdfast.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigDifference;
import org.holdfast.channel.ConfigDocument;
import org.holdfast.channel.Genesis;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.env.Disk;
import org.holdfast.identity.Crypto;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.jspecify.annotations.Nullable;

/// Makes channels on the running nodes of a network. Genesis blocks are written first, then the channels' entries in
/// network.json, then the nodes join: what was interrupted is finished by doing the same again, and by every start of a
/// node.
final class ChannelCreation {
    private static final long PATIENCE_SECONDS = 60;
    private static final long LOOK_AGAIN_MILLIS = 100;

    private final Session session;
    private final NetworkDir dir;
    private final Map<String, ConfigGroup> templates = new HashMap<>();

    /// One channel to be made.
    ///
    /// @param block a genesis block to use instead of making one
    /// @param like whose config it begins with; null = the network's first channel's
    /// @param sets changes to that config, as `path=value`
    /// @param patch a partial document to lay over it
    record Plan(
            String name,
            @Nullable Path block,
            @Nullable String like,
            List<String> sets,
            @Nullable Path patch) {
        /// Like the network's first channel.
        static Plan plain(String name) {
            return new Plan(name, null, null, List.of(), null);
        }
    }

    /// What came of it.
    ///
    /// @param ordering nodes that order all of the channels
    /// @param missing what keeps the others
    record Outcome(int ordering, List<String> missing) {}

    ChannelCreation(Session session, NetworkDir dir) {
        this.session = session;
        this.dir = dir;
    }

    /// Writes blocks and entries of channels that have none.
    ///
    /// @return the network with them
    Network enter(List<Plan> plans) {
        // Two creations at once must not make two blocks, nor lose one another's entry.
        try (Disk.DiskLock _ = dir.change(session)) {
            Network network = new Drops(session, dir).finish(dir.load());
            Nodes nodes = new Nodes(session, dir, network);
            List<NodeStatus> status =
                    nodes.running().stream().map(nodes::status).toList();
            for (Plan plan : plans) {
                network = enter(plan, network, status);
            }
            return network;
        }
    }

    private Network enter(Plan plan, Network network, List<NodeStatus> status) {
        Optional<Network.Channel> entered = network.channels().stream()
                .filter(one -> one.name().equals(plan.name()))
                .findFirst();
        Network.Channel channel = entered.orElseGet(() -> entry(plan.name()));
        if (entered.isPresent()
                || status.stream().anyMatch(node -> node.channel(plan.name()).isPresent())) {
            keep(plan, network, channel);
        } else {
            requireLeft(plan, network);
            make(plan, network, channel);
        }
        if (entered.isPresent()) {
            return network;
        }
        Network with = network.with(channel);
        dir.save(with);
        return with;
    }

    /// A channel that was dropped without its block is left by the name alone: nodes would leave the new one too.
    private static void requireLeft(Plan plan, Network network) {
        if (network.drops().contains(new Network.Dropped(plan.name(), ""))) {
            throw CommandFault.failed(
                    "channel %s was dropped while its block 0 was not at hand, and not every node has left it; start"
                            + " all nodes, which then leave it, and say this again",
                    plan.name());
        }
    }

    static Network.Channel entry(String name) {
        return new Network.Channel(name, NetworkDir.CHANNELS + "/" + name + ".block");
    }

    /// The channel was begun before: what this command would make must be what there is.
    private void keep(Plan plan, Network network, Network.Channel channel) {
        Disk disk = session.world().disk();
        Path target = dir.path(channel.block());
        if (!disk.exists(target)) {
            throw CommandFault.failed(
                    "channel %s was made before, and its genesis block %s is gone: copy it back from another host, or"
                            + " from a backup; every node must join with the same block",
                    plan.name(), target);
        }
        if (plan.block() != null && !Arrays.equals(ConfigFile.content(disk, plan.block()), disk.read(target))) {
            throw CommandFault.failed(
                    "channel %s is there already, with another block 0: %s; a channel keeps its first block",
                    plan.name(), target);
        }
        if (plan.like() == null && plan.patch() == null && plan.sets().isEmpty()) {
            return;
        }
        try {
            List<ConfigDifference.Change> differences =
                    ConfigDifference.between(ConfigFile.tree(disk.read(target)), tree(plan, network));
            if (!differences.isEmpty()) {
                throw CommandFault.failed(
                        "channel %s is there already, and was made with something else (what it has -> what you say):%n"
                                + "  %s%nfinish it with: holdfast channel create %s; change it with: holdfast channel"
                                + " edit %s",
                        plan.name(),
                        String.join(
                                System.lineSeparator() + "  ",
                                differences.stream()
                                        .map(ConfigDifference.Change::toString)
                                        .toList()),
                        plan.name(),
                        plan.name());
            }
        } catch (MalformedConfig e) {
            throw unusable(plan, e);
        }
    }

    private static CommandFault unusable(Plan plan, MalformedConfig fault) {
        return CommandFault.failed(
                "channel %s cannot be made so:%n  %s",
                plan.name(), String.join(System.lineSeparator() + "  ", fault.faults()));
    }

    private void make(Plan plan, Network network, Network.Channel channel) {
        Disk disk = session.world().disk();
        try {
            Crypto crypto = Crypto.choose();
            ByteString made = plan.block() == null
                    ? Genesis.like(new ChannelId(plan.name()), tree(plan, network), session.world(), crypto)
                    : ByteString.copyFrom(ConfigFile.content(disk, plan.block()));
            ChannelConfig config = ChannelConfig.fromBlock(made, crypto);
            if (!config.id().name().equals(plan.name())) {
                throw CommandFault.usage("the block is one of channel %s, not of %s", config.id(), plan.name());
            }
            if (plan.block() == null
                    && config.consenters().size() != network.nodes().size()) {
                throw CommandFault.failed(
                        "the channel would have %d consenters and this directory knows %d nodes: make its block once,"
                                + " with 'holdfast channel genesis', and give it to every node with --block",
                        config.consenters().size(), network.nodes().size());
            }
            disk.createDirectories(dir.path(NetworkDir.CHANNELS));
            // One that an interrupted creation left was never used: nodes join after the entry only.
            disk.replace(dir.path(channel.block()), made.toByteArray());
        } catch (MalformedConfig e) {
            throw unusable(plan, e);
        }
    }

    private ConfigGroup tree(Plan plan, Network network) {
        Disk disk = session.world().disk();
        String template = plan.like() == null ? network.channels().getFirst().name() : plan.like();
        network.channel(template);
        ConfigDocument document = ConfigDocument.of(templates.computeIfAbsent(template, this::live), List.of());
        if (plan.patch() != null) {
            document = document.patch(plan.patch().toString(), ConfigFile.content(disk, plan.patch()));
        }
        for (String set : plan.sets()) {
            document = document.set(set);
        }
        return document.tree(disk, Path.of(""));
    }

    private ConfigGroup live(String template) {
        try (Client client = Client.governing(session, dir, template, Optional.empty())) {
            return LiveConfig.now(session, client).config().tree().getChannelGroup();
        }
    }

    /// Has the running nodes join channels of the network, and waits until they know who leads them.
    Outcome join(Nodes nodes, List<Network.Channel> channels) {
        List<Network.Node> running = nodes.running();
        List<String> missing = new ArrayList<>();
        nodes.network().nodes().stream()
                .filter(node -> !running.contains(node))
                .forEach(node -> missing.add(node.name() + " is not running; it joins when it starts"));
        nodes.each(running, node -> {
            NodeStatus status = nodes.status(node);
            channels.stream()
                    .filter(channel -> status.channel(channel.name()).isEmpty())
                    .forEach(channel -> nodes.join(node, channel));
            return node;
        });
        long began = session.world().clock().nanos();
        List<Network.Node> waiting = new ArrayList<>(running);
        while (!waiting.isEmpty() && session.secondsSince(began) < PATIENCE_SECONDS) {
            waiting.removeIf(node -> nodes.status(node).knowsLeaders(channels));
            Session.pause(waiting.isEmpty() ? 0 : LOOK_AGAIN_MILLIS);
        }
        waiting.forEach(
                node -> missing.add("%s knows no leader after %d s; the first start waits for all consenters: %s"
                        .formatted(
                                node.name(),
                                PATIENCE_SECONDS,
                                "have the others join, then look with: holdfast status")));
        return new Outcome(running.size() - waiting.size(), List.copyOf(missing));
    }
}
