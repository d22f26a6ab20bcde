package org.holdfast.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.wire.ChannelId;
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
        ChannelCreation creation = new ChannelCreation(session, dir);
        Network network = creation.enter(List.of(new ChannelCreation.Plan(name, block, like, sets, patch)));
        Nodes nodes = new Nodes(session, dir, network);
        Network.Channel channel = network.channel(name);
        ChannelCreation.Outcome outcome = creation.join(nodes, List.of(channel));
        session.screen()
                .say("channel %s: %d of %d nodes order it; block 0 is %s"
                        .formatted(name, outcome.ordering(), network.nodes().size(), dir.path(channel.block())));
        outcome.missing().forEach(session.screen()::note);
        return outcome.missing().isEmpty() ? 0 : UpdateRun.NOT_EVERYWHERE;
    }
}
