package org.holdfast.cli;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `holdfast feed`.
@Command(
        name = "feed",
        description = "Reads a channel's blocks in order and shows their transactions.",
        footer = {
            "",
            "When the node fails the command goes on with the next one, without a gap and without a repetition.",
            "",
            "Examples:",
            "  holdfast feed --channel demo --json | jq -r .payload",
            "  holdfast feed --channel demo --from newest --follow",
            "  holdfast feed --channel demo --from 10 --until 20"
        })
final class FeedCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final DirOption dirOption = new DirOption();

    @Option(names = "--channel", paramLabel = "NAME", required = true, description = "The channel.")
    private String channel = "";

    @Option(
            names = "--from",
            paramLabel = "BLOCK",
            description = "oldest, newest or a block number (default: ${DEFAULT-VALUE}).",
            defaultValue = "oldest")
    private String from = "oldest";

    @Option(names = "--until", paramLabel = "BLOCK", description = "End after this block.")
    private @Nullable Long until;

    @Option(names = "--follow", description = "Wait for blocks to come.")
    private boolean follow;

    @Option(
            names = "--json",
            description = "A JSON object a line for each envelope: block, index, txId, type, timestamp, creator, "
                    + "payload (or payloadBase64 where it is no UTF-8 text).")
    private boolean json;

    @Option(
            names = "--payload",
            description =
                    "Only the payload of each envelope, byte for byte, and a line end; config blocks are left out.")
    private boolean payload;

    @Option(names = "--node", paramLabel = "NODE", description = "The node to begin with.")
    private @Nullable String node;

    FeedCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (json && payload) {
            throw CommandFault.usage("--json and --payload exclude each other");
        }
        FeedRange range = FeedRange.of(from, until == null ? OptionalLong.empty() : OptionalLong.of(until), follow);
        NetworkDir dir = dirOption.open(session);
        try (Client client = Client.open(session, dir, channel, Optional.ofNullable(node));
                Output out = session.screen().bulk()) {
            EnvelopePrinter printer = new EnvelopePrinter(out, json);
            new FeedReader(session, client, range).read(payload ? printer::printPayloads : printer::print);
        }
        return 0;
    }
}
