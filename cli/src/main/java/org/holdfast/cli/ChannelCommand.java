package org.holdfast.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.GenesisProfile;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.env.Disk;
import org.holdfast.identity.Crypto;
import org.holdfast.wire.ChannelId;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `holdfast channel`: the configs of channels, as files and on running nodes.
@Command(name = "channel", description = "Shows, makes and changes channels and their configs.")
final class ChannelCommand extends CommandGroup {
    ChannelCommand(Session session) {
        super(
                new ChannelViews.All(session),
                new ChannelViews.One(session),
                new ChannelConfigCommand(session),
                new ChannelDiffCommand(session),
                new ChannelEditCommand(session),
                new ChannelUpdates.Sign(session),
                new ChannelUpdates.Update(session),
                new ChannelCreateCommand(session),
                new Genesis(session));
    }

    /// A file's faults, one a line.
    static CommandFault told(Path file, MalformedConfig fault) {
        return CommandFault.failed(
                "%s cannot be used:%n  %s", file, String.join(System.lineSeparator() + "  ", fault.faults()));
    }

    @Command(
            name = "genesis",
            description = "Makes block 0 of a channel from a profile of Fabric's configtx.yaml. Paths in that file are "
                    + "relative to it.",
            footer = {
                "",
                "Example:",
                "  holdfast channel genesis -f configtx.yaml --profile Orders --channel orders -o orders.block"
            })
    static final class Genesis implements Callable<Integer> {
        private final Session session;

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                required = true,
                description = "The configtx.yaml.")
        private Path file = Path.of("");

        @Option(names = "--profile", paramLabel = "NAME", required = true, description = "A profile of the file.")
        private String profile = "";

        @Option(
                names = "--channel",
                paramLabel = "ID",
                description = "The channel's name (default: the profile's, in small letters).")
        private @Nullable String channel;

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                required = true,
                description = "Where to write the block; must not exist.")
        private Path output = Path.of("");

        Genesis(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            Disk disk = session.world().disk();
            String id = channel == null ? profile.toLowerCase(java.util.Locale.ROOT) : channel;
            if (!ChannelId.isValid(id)) {
                throw CommandFault.usage(
                        "'%s' is no channel name: small letters, digits, '.' and '-', a letter first, at most 249; say"
                                + " --channel",
                        id);
            }
            Path target = output.toAbsolutePath();
            if (disk.exists(target)) {
                throw CommandFault.failed("%s is there already and stays as it is; name another -o", output);
            }
            try {
                GenesisProfile read = GenesisProfile.read(disk, file, profile);
                Crypto crypto = Crypto.choose();
                ByteString block = read.block(new ChannelId(id), session.world(), crypto);
                disk.replace(target, block.toByteArray());
                ChannelConfig made = ChannelConfig.fromBlock(block, crypto);
                session.screen()
                        .say("block 0 of channel %s: type %s, %d consenters, %d organisations, in %s"
                                .formatted(
                                        id,
                                        made.consensusType(),
                                        made.consenters().size(),
                                        made.organizations().size(),
                                        output));
                ConfigReport.hazards(made, session.world().clock().wallMillis())
                        .forEach(hazard -> session.screen().note("note: " + hazard));
                return 0;
            } catch (MalformedConfig e) {
                throw told(file, e);
            }
        }
    }
}
