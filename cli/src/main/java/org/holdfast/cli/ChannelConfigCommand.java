package org.holdfast.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigDocument;
import org.holdfast.channel.ConfigJson;
import org.holdfast.channel.MalformedConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `holdfast channel config`.
@Command(
        name = "config",
        description = "Shows a channel's config, from its nodes or from a block in a file: how the channel is ordered, "
                + "by whom, who may do what, and why this version would not order it.",
        footer = {
            "",
            "A FILE is a config block, serialized or as configtxlator's JSON. What is no file is a channel's name.",
            "",
            "Examples:",
            "  holdfast channel config demo",
            "  holdfast channel config demo --yaml > demo.yaml     everything, as 'channel edit' shows it",
            "  holdfast channel config demo --json | jq .sequence  common.Config as configtxlator writes it",
            "  holdfast channel config orders.block"
        })
final class ChannelConfigCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final DirOption dirOption = new DirOption();

    @Parameters(paramLabel = "NAME|FILE", description = "A channel of the network, or a file with a config block.")
    private String of = "";

    @Option(names = "--json", description = "common.Config as configtxlator's JSON.")
    private boolean json;

    @Option(names = "--yaml", description = "Everything, readable, as 'channel edit' shows it.")
    private boolean yaml;

    @Option(names = "--report", description = "The short form as one JSON object.")
    private boolean report;

    @Option(names = "--block", paramLabel = "N", description = "The config in force at block N, not the newest.")
    private @Nullable Long block;

    ChannelConfigCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if ((json ? 1 : 0) + (yaml ? 1 : 0) + (report ? 1 : 0) > 1) {
            throw CommandFault.usage("--json, --yaml and --report exclude each other");
        }
        if (block != null && block < 0) {
            throw CommandFault.usage("--block is %d, block numbers begin at 0", block);
        }
        try {
            show(config());
            return 0;
        } catch (MalformedConfig e) {
            throw ChannelCommand.told(Path.of(of), e);
        }
    }

    private ChannelConfig config() {
        Path file = Path.of(of);
        if (session.world().disk().exists(file) && !file.toFile().isDirectory()) {
            if (block != null) {
                throw CommandFault.usage("--block goes with a channel's name, and %s is a file", file);
            }
            return ConfigFile.config(ConfigFile.content(session.world().disk(), file));
        }
        NetworkDir dir = dirOption.open(session);
        if (!dir.exists()) {
            throw CommandFault.failed(
                    "%s does not exist, and there is no network in %s whose channel it could be", of, dir.root());
        }
        try (Client client = Client.governing(session, dir, of, java.util.Optional.empty())) {
            return LiveConfig.at(session, client, block == null ? OptionalLong.empty() : OptionalLong.of(block))
                    .config();
        }
    }

    private void show(ChannelConfig config) {
        Screen screen = session.screen();
        ConfigReport words = new ConfigReport(config, session.world().clock().wallMillis());
        if (json) {
            screen.print(ConfigJson.write(config.tree()));
        } else if (yaml) {
            screen.print(ConfigDocument.of(config.tree().getChannelGroup(), List.of(ConfigReport.title(config)))
                    .yaml());
        } else if (report) {
            screen.print(Json.pretty(words.json()));
        } else {
            words.lines().forEach(screen::say);
        }
    }
}
