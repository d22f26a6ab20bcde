package org.holdfast.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.holdfast.channel.ConfigDifference;
import org.holdfast.channel.ConfigDocument;
import org.holdfast.channel.MalformedConfig;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `holdfast channel diff`.
@Command(
        name = "diff",
        description = "Shows what differs between two configs: path, before and after.",
        footer = {
            "",
            "Each is a channel's name or a file: a config block or a config, serialized or as configtxlator's JSON;",
            "the second may also be the YAML of 'channel config --yaml'.",
            "Exit code 0: they say the same, 1: they differ.",
            "",
            "Examples:",
            "  holdfast channel diff orders.block demo",
            "  holdfast channel diff demo demo.yaml"
        })
final class ChannelDiffCommand implements Callable<Integer> {
    private static final int DIFFERENT = 1;

    private final Session session;

    @Mixin
    private final DirOption dirOption = new DirOption();

    @Parameters(index = "0", paramLabel = "A", description = "A channel or a file.")
    private String before = "";

    @Parameters(index = "1", paramLabel = "B", description = "A channel or a file.")
    private String after = "";

    @Option(names = "--json", description = "One JSON array of {path, before, after}.")
    private boolean json;

    ChannelDiffCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        ConfigGroup one = tree(before, Optional.empty());
        List<ConfigDifference.Change> changes = ConfigDifference.between(one, tree(after, Optional.of(one)));
        if (json) {
            session.screen().print(Json.pretty(changes));
        } else {
            changes.forEach(change -> session.screen().say(change.toString()));
        }
        return changes.isEmpty() ? 0 : DIFFERENT;
    }

    /// @param base what a YAML document is read against
    private ConfigGroup tree(String of, Optional<ConfigGroup> base) {
        Path file = Path.of(of);
        if (!session.world().disk().exists(file) || file.toFile().isDirectory()) {
            try (Client client = Client.governing(session, dirOption.open(session), of, Optional.empty())) {
                return LiveConfig.now(session, client).config().tree().getChannelGroup();
            }
        }
        byte[] content = ConfigFile.content(session.world().disk(), file);
        try {
            String name = String.valueOf(file.getFileName());
            if (base.isPresent() && (name.endsWith(".yaml") || name.endsWith(".yml"))) {
                return ConfigDocument.of(base.get(), List.of())
                        .typed(new String(content, StandardCharsets.UTF_8))
                        .tree(session.world().disk(), Path.of(""));
            }
            return ConfigFile.tree(content);
        } catch (MalformedConfig e) {
            throw ChannelCommand.told(file, e);
        }
    }
}
