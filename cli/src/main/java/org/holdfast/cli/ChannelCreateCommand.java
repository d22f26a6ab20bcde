package org.holdfast.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `holdfast channel create`. The genesis block is written first, then the channel's entry in network.json, then the
/// nodes join: what was interrupted is finished by the same command, and by every start of a node.
@Command(
        name = "create",
        description = "Makes a channel on the running nodes of the network: a genesis block like another channel's "
                + "config, and every node joins. A second time it finishes what is missing.",
        footer = {
            "",
            "Nodes that are down join when they are started.",
            "Exit codes: 0 all nodes order it, 1 refused, 2 wrong usage, 3 made, but not all nodes order it.",
            "",
            "Examples:",
            "  holdfast channel create orders",
            "  holdfast channel create orders --like demo --set orderer.batch.timeout=500ms"
        })
final class ChannelCreateCommand implements Callable<Integer> {
    private static final long PATIENCE_SECONDS = 60;
    private static final long LOOK_AGAIN_MILLIS = 100;

    private final Session session;

    @Mixin
    private final DirOption dirOption = new DirOption();

    @Parameters(
            paramLabel = "NAME",
            description = "Its name: small letters, digits, '.' and '-', a letter first, at most 249.")
    private String name = "";

    @Option(
            names = "--like",
            paramLabel = "CHANNEL",
            description = "Whose config it begins with (default: the network's first channel's).")
    private @Nullable String like;

    @Option(names = "--block", paramLabel = "FILE", description = "A genesis block to use instead of making one.")
    private @Nullable Path block;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "One change to that config, as in 'channel edit'.")
    private List<String> sets = new ArrayList<>();

    @Option(names = "--patch", paramLabel = "FILE", description = "A partial YAML document to lay over that config.")
    private @Nullable Path patch;

    ChannelCreateCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (!ChannelId.isValid(name)) {
            throw CommandFault.usage(
                    "'%s' is no channel name: small letters, digits, '.' and '-', a letter first, at most 249", name);
        }
        if (block != null && (like != null || patch != null || !sets.isEmpty())) {
            throw CommandFault.usage("--block is a whole channel; --like, --set and --patch make another one");
        }
        NetworkDir dir = dirOption.open(session);
        dir.load().nodes().stream().filter(node -> !node.local()).findFirst().ifPresent(node -> {
            throw CommandFault.failed(
                    "%s runs on host %s: make the block once ('holdfast channel genesis'), copy it to every host, and"
                            + " there run: holdfast channel create %s --block FILE --dir DIRECTORY-OF-THE-NODE",
                    node.name(), node.host(), name);
        });
        Network network;
        Network.Channel channel;
        // Two creations at once must not make two blocks, nor lose one another's entry.
        try (Disk.DiskLock _ = dir.change(session)) {
            network = dir.load();
            Optional<Network.Channel> entered = network.channels().stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst();
            channel = entered.orElseGet(() -> new Network.Channel(name, NetworkDir.CHANNELS + "/" + name + ".block"));
            if (entered.isPresent() || joined(new Nodes(session, dir, network))) {
                keep(dir, network, channel);
            } else {
                make(dir, network, channel);
            }
            if (entered.isEmpty()) {
                network = network.with(channel);
                dir.save(network);
            }
        }
        return join(new Nodes(session, dir, network), channel);
    }

    private boolean joined(Nodes nodes) {
        return nodes.running().stream()
                .anyMatch(node -> nodes.status(node).channel(name).isPresent());
    }

    /// The channel was begun before: what this command would make must be what there is.
    private void keep(NetworkDir dir, Network network, Network.Channel channel) {
        Disk disk = session.world().disk();
        Path target = dir.path(channel.block());
        if (!disk.exists(target)) {
            throw CommandFault.failed(
                    "channel %s was made before, and its genesis block %s is gone: copy it back from another host, or"
                            + " from a backup; every node must join with the same block",
                    name, target);
        }
        if (block != null && !Arrays.equals(ConfigFile.content(disk, block), disk.read(target))) {
            throw CommandFault.failed(
                    "channel %s is there already, with another block 0: %s; a channel keeps its first block",
                    name, target);
        }
        if (like == null && patch == null && sets.isEmpty()) {
            return;
        }
        try {
            List<ConfigDifference.Change> differences =
                    ConfigDifference.between(ConfigFile.tree(disk.read(target)), tree(dir, network));
            if (!differences.isEmpty()) {
                throw CommandFault.failed(
                        "channel %s is there already, and was made with something else (what it has -> what you say):%n"
                                + "  %s%nfinish it with: holdfast channel create %s; change it with: holdfast channel"
                                + " edit %s",
                        name,
                        String.join(
                                System.lineSeparator() + "  ",
                                differences.stream()
                                        .map(ConfigDifference.Change::toString)
                                        .toList()),
                        name,
                        name);
            }
        } catch (MalformedConfig e) {
            throw unusable(e);
        }
    }

    private CommandFault unusable(MalformedConfig fault) {
        return CommandFault.failed(
                "channel %s cannot be made so:%n  %s",
                name, String.join(System.lineSeparator() + "  ", fault.faults()));
    }

    private void make(NetworkDir dir, Network network, Network.Channel channel) {
        Disk disk = session.world().disk();
        try {
            Crypto crypto = Crypto.choose();
            ByteString made = block == null
                    ? Genesis.like(new ChannelId(name), tree(dir, network), session.world(), crypto)
                    : ByteString.copyFrom(ConfigFile.content(disk, block));
            ChannelConfig config = ChannelConfig.fromBlock(made, crypto);
            if (!config.id().name().equals(name)) {
                throw CommandFault.usage("the block is one of channel %s, not of %s", config.id(), name);
            }
            if (block == null && config.consenters().size() != network.nodes().size()) {
                throw CommandFault.failed(
                        "the channel would have %d consenters and this directory knows %d nodes: make its block once,"
                                + " with 'holdfast channel genesis', and give it to every node with --block",
                        config.consenters().size(), network.nodes().size());
            }
            disk.createDirectories(dir.path(NetworkDir.CHANNELS));
            // One that an interrupted creation left was never used: nodes join after the entry only.
            disk.replace(dir.path(channel.block()), made.toByteArray());
        } catch (MalformedConfig e) {
            throw unusable(e);
        }
    }

    private ConfigGroup tree(NetworkDir dir, Network network) {
        Disk disk = session.world().disk();
        String template = like == null ? network.channels().getFirst().name() : like;
        network.channel(template);
        ConfigGroup root;
        try (Client client = Client.governing(session, dir, template, Optional.empty())) {
            root = LiveConfig.now(session, client).config().tree().getChannelGroup();
        }
        ConfigDocument document = ConfigDocument.of(root, List.of());
        if (patch != null) {
            document = document.patch(patch.toString(), ConfigFile.content(disk, patch));
        }
        for (String set : sets) {
            document = document.set(set);
        }
        return document.tree(disk, Path.of(""));
    }

    /// @return the exit code
    private int join(Nodes nodes, Network.Channel channel) {
        List<Network.Node> running = nodes.running();
        List<String> missing = new ArrayList<>();
        nodes.network().nodes().stream()
                .filter(node -> !running.contains(node))
                .forEach(node -> missing.add(node.name() + " is not running; it joins when it starts"));
        for (Network.Node node : running) {
            if (nodes.status(node).channel(name).isEmpty()) {
                nodes.join(node, channel);
            }
        }
        long began = session.world().clock().nanos();
        List<Network.Node> waiting = new ArrayList<>(running);
        while (!waiting.isEmpty() && session.secondsSince(began) < PATIENCE_SECONDS) {
            waiting.removeIf(node -> nodes.status(node)
                    .channel(name)
                    .filter(here -> here.leader() != null)
                    .isPresent());
            Session.pause(waiting.isEmpty() ? 0 : LOOK_AGAIN_MILLIS);
        }
        waiting.forEach(
                node -> missing.add("%s knows no leader after %d s; the first start waits for all consenters: %s"
                        .formatted(
                                node.name(),
                                PATIENCE_SECONDS,
                                "have the others join, then look with: holdfast status")));
        session.screen()
                .say("channel %s: %d of %d nodes order it; block 0 is %s"
                        .formatted(
                                name,
                                running.size() - waiting.size(),
                                nodes.network().nodes().size(),
                                nodes.dir().path(channel.block())));
        missing.forEach(session.screen()::note);
        return missing.isEmpty() ? 0 : UpdateRun.NOT_EVERYWHERE;
    }
}
