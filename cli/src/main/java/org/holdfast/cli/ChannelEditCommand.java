package org.holdfast.cli;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigDifference;
import org.holdfast.channel.ConfigDocument;
import org.holdfast.channel.ConfigMerge;
import org.holdfast.channel.ConfigUpdates;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.env.Disk;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `holdfast channel edit`.
@Command(
        name = "edit",
        description =
                "Changes a channel's config: fetches it as readable YAML, takes the change from an editor or from "
                        + "--set and --patch, shows the difference, asks, signs, submits, and waits until it is in "
                        + "force on all nodes.",
        footer = {
            "",
            "When more signatures are needed than the keys here can give, the update is written to a file, with who",
            "has to sign it. When somebody else's change comes first, yours is applied to the new config; when both",
            "change the same, the command stops and says what. What was typed is kept until it is done.",
            "",
            "Exit codes: 0 in force on all nodes, or nothing to change, 1 refused, 2 wrong usage, 3 accepted but not",
            "in force on all nodes within --wait, 4 more signatures are needed.",
            "",
            "Examples:",
            "  holdfast channel edit demo",
            "  holdfast channel edit demo --set orderer.batch.maxMessages=200 --set orderer.batch.timeout=1s --yes",
            "  holdfast channel edit demo --set 'application.organizations.B={mspId: BMSP, mspDirectory: b/msp}'"
        })
final class ChannelEditCommand implements Callable<Integer> {
    /// Somebody else's updates may come first so often.
    private static final int TRIES_MAX = 5;

    private static final long LOOK_AGAIN_MILLIS = 250;

    private static final Pattern TITLE =
            Pattern.compile("# channel (\\S+), config [0-9]{1,18}, in block ([0-9]{1,18})\\n");

    private final Session session;

    @Mixin
    private final DirOption dirOption = new DirOption();

    @Mixin
    private final SigningOptions signing = new SigningOptions();

    @Parameters(paramLabel = "NAME", description = "The channel.")
    private String channel = "";

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "One change: text, a list [a, b], a mapping {a: b}, or null to take away; may be given more "
                    + "than once. Items of lists are [0], [1], a new one is [+].")
    private List<String> sets = new ArrayList<>();

    @Option(
            names = "--patch",
            paramLabel = "FILE",
            description = "A partial YAML document to lay over the config; applied before --set.")
    private @Nullable Path patch;

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "A whole document in place of the editor's: what 'channel config --yaml' wrote, or what an "
                    + "earlier edit has kept. Changed is what differs from the config it was made of.")
    private @Nullable Path from;

    @Option(names = "--editor", paramLabel = "COMMAND", description = "The editor (default: $VISUAL, else $EDITOR).")
    private @Nullable String editor;

    ChannelEditCommand(Session session) {
        this.session = session;
    }

    /// What is wanted of a config.
    ///
    /// @param base what it was said of
    private record Wish(ChannelConfig base, ConfigGroup tree) {}

    @Override
    public Integer call() {
        if (from != null && scripted()) {
            throw CommandFault.usage(
                    "--from is a whole document; --set and --patch change the config that is in force");
        }
        NetworkDir dir = dirOption.open(session);
        try (Client client = Client.governing(session, dir, channel, Optional.empty())) {
            ChannelConfig current = LiveConfig.now(session, client).config();
            if (from != null) {
                return carriedOut(rebased(given(current, client, from), current), client, dir);
            }
            if (scripted()) {
                return carriedOut(new Wish(current, applied(current)), client, dir);
            }
            String command = TypedText.editor(editor);
            try (TypedText text = TypedText.of(session, document(current), channel)) {
                int code = carriedOut(new Wish(current, text.typed(command)), client, dir);
                text.done();
                return code;
            }
        }
    }

    private boolean scripted() {
        return patch != null || !sets.isEmpty();
    }

    private ConfigDocument document(ChannelConfig current) {
        return ConfigDocument.of(
                current.tree().getChannelGroup(),
                List.of(
                        ConfigReport.title(current),
                        "Change what you want, save, and leave the editor; nothing is sent before you were asked.",
                        "A certificate may be written as the name of a file; mspDirectory takes a whole MSP."));
    }

    private ConfigGroup applied(ChannelConfig current) {
        Disk disk = session.world().disk();
        try {
            ConfigDocument document = document(current);
            if (patch != null) {
                document = document.patch(patch.toString(), ConfigFile.content(disk, patch));
            }
            for (String set : sets) {
                document = document.set(set);
            }
            return document.tree(disk, Path.of(""));
        } catch (MalformedConfig e) {
            throw CommandFault.failed("%s", String.join(System.lineSeparator() + "  ", e.faults()));
        }
    }

    /// A document in a file, with the config it was made of when its first line says which.
    private Wish given(ChannelConfig current, Client client, Path file) {
        Disk disk = session.world().disk();
        String text = new String(ConfigFile.content(disk, file), StandardCharsets.UTF_8);
        Matcher title = TITLE.matcher(text);
        ChannelConfig base = current;
        if (!title.lookingAt()) {
            session.screen()
                    .note("%s does not say which config it was made of; it is read as one of the present one"
                            .formatted(file));
        } else if (!title.group(1).equals(channel)) {
            throw CommandFault.failed("%s is a config of channel %s, not of %s", file, title.group(1), channel);
        } else {
            long block = Long.parseLong(title.group(2));
            if (block > current.blockNumber()) {
                throw CommandFault.failed(
                        "%s was made of a config in block %d, and the newest is in block %d: it is of another network",
                        file, block, current.blockNumber());
            }
            base = LiveConfig.at(session, client, OptionalLong.of(block)).config();
        }
        try {
            return new Wish(base, document(base).typed(text).tree(disk, Path.of("")));
        } catch (MalformedConfig e) {
            throw ChannelCommand.told(file, e);
        }
    }

    /// @return the exit code
    private int carriedOut(Wish first, Client client, NetworkDir dir) {
        Wish wish = first;
        for (int tries = 1; ; tries++) {
            try {
                return once(wish, client, dir);
            } catch (UpdateRun.Overtaken e) {
                if (tries == TRIES_MAX) {
                    throw CommandFault.failed(
                            "nothing of yours is in force: %d tries came too late for the channel's config (%s)",
                            tries, Decode.reason(e));
                }
                // The node that said so may only be behind.
                client.turn();
                Session.pause(LOOK_AGAIN_MILLIS);
                wish = rebased(wish, LiveConfig.now(session, client).config());
            }
        }
    }

    /// The same wish for the config in force by now.
    private Wish rebased(Wish wish, ChannelConfig now) {
        if (now.sequence() == wish.base().sequence()) {
            return wish;
        }
        ConfigGroup before = wish.base().tree().getChannelGroup();
        ConfigGroup after = now.tree().getChannelGroup();
        session.screen()
                .note("the config has changed from number %d to %d:"
                        .formatted(wish.base().sequence(), now.sequence()));
        ConfigDifference.between(before, after)
                .forEach(change -> session.screen().note("  " + change));
        ConfigMerge.Merged merged = ConfigMerge.of(session.world().disk(), before, wish.tree(), after);
        if (!merged.conflicts().isEmpty()) {
            throw CommandFault.failed(
                    "nothing was sent: somebody else has changed the same by now; their value -> yours:%n  %s%n"
                            + "look at it; what you still want can be said with --set",
                    String.join(
                            System.lineSeparator() + "  ",
                            merged.conflicts().stream()
                                    .map(ConfigDifference.Change::toString)
                                    .toList()));
        }
        session.screen().note("yours is applied to it");
        return new Wish(now, merged.tree());
    }

    /// @return the exit code
    private int once(Wish wish, Client client, NetworkDir dir) throws UpdateRun.Overtaken {
        ChannelConfig current = wish.base();
        ConfigGroup before = current.tree().getChannelGroup();
        List<ConfigDifference.Change> changes = ConfigDifference.between(before, wish.tree());
        ChangeReport report = new ChangeReport(session, channel, signing.json());
        if (changes.isEmpty()) {
            report.unchanged();
            return report.end(0);
        }
        report.changes(changes);
        boolean asks = !signing.yes() && signing.out().isEmpty();
        if (asks && !session.screen().confirmed("Change channel %s so?".formatted(channel))) {
            throw CommandFault.usage("nothing was sent; say --yes to send it without a question");
        }
        ConfigUpdate update = ConfigUpdates.compute(current.id(), before, wish.tree());
        ConfigUpdateEnvelope envelope = ConfigUpdateEnvelope.newBuilder()
                .setConfigUpdate(update.toByteString())
                .build();
        return report.end(new UpdateRun(session, dir, signing, client, report)
                .run(current, new ConfigFile.Update(update, envelope, ByteString.EMPTY, false)));
    }
}
