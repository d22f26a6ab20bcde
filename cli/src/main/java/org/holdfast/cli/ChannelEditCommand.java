package org.holdfast.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigDifference;
import org.holdfast.channel.ConfigDocument;
import org.holdfast.channel.ConfigUpdates;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.env.Disk;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;
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
            "The editor is $VISUAL or $EDITOR. When more signatures are needed than the keys here can give, the update",
            "is written to a file, with who has to sign it. When somebody else's change comes first, --set and --patch",
            "are applied to the new config; what was typed is kept in a file.",
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

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    ChannelEditCommand(Session session) {
        this.session = session;
    }

    /// What somebody typed, and the file it is kept in.
    private record Typed(ConfigGroup tree, Path file) {}

    @Override
    public Integer call() {
        NetworkDir dir = dirOption.open(session);
        try (Client client = Client.governing(session, dir, channel, Optional.empty())) {
            for (int tries = 1; ; tries++) {
                ChannelConfig current = LiveConfig.now(session, client).config();
                Optional<Typed> typed = scripted() ? Optional.empty() : Optional.of(typed(current));
                try {
                    int code = change(current, typed.isPresent() ? typed.get().tree() : applied(current), client, dir);
                    typed.ifPresent(kept -> session.world().disk().delete(kept.file()));
                    return code;
                } catch (UpdateRun.Overtaken e) {
                    overtaken(current, typed, client, tries, e);
                } catch (CommandFault | Refusal.Refused e) {
                    typed.ifPresent(kept -> session.screen().note("what you typed is kept in " + kept.file()));
                    throw e;
                }
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
                        "channel %s, config %d, in block %d"
                                .formatted(current.id(), current.sequence(), current.blockNumber()),
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

    /// @return the exit code
    private int change(ChannelConfig current, ConfigGroup wanted, Client client, NetworkDir dir)
            throws UpdateRun.Overtaken {
        ConfigGroup before = current.tree().getChannelGroup();
        List<ConfigDifference.Change> changes = ConfigDifference.between(before, wanted);
        if (changes.isEmpty()) {
            session.screen().say("nothing changes");
            return 0;
        }
        changes.forEach(change -> session.screen().say(change.toString()));
        if (!yes && signing.out().isEmpty() && !confirmed("Change channel %s so? Type yes: ".formatted(channel))) {
            throw CommandFault.usage("nothing was sent; say --yes to send it without a question");
        }
        ConfigUpdate update = ConfigUpdates.compute(current.id(), before, wanted);
        ConfigUpdateEnvelope envelope = ConfigUpdateEnvelope.newBuilder()
                .setConfigUpdate(update.toByteString())
                .build();
        return new UpdateRun(session, dir, signing, client)
                .run(current, new ConfigFile.Update(update, envelope, com.google.protobuf.ByteString.EMPTY, false));
    }

    private boolean confirmed(String question) {
        return session.screen().terminal()
                && Screen.console()
                        .map(console -> console.readLine("%s", question))
                        .filter("yes"::equals)
                        .isPresent();
    }

    private void overtaken(
            ChannelConfig seen, Optional<Typed> typed, Client client, int tries, UpdateRun.Overtaken why) {
        ChannelConfig now = LiveConfig.now(session, client).config();
        session.screen().note("somebody else's change came first (%s):".formatted(Decode.reason(why)));
        ConfigDifference.between(seen.tree().getChannelGroup(), now.tree().getChannelGroup())
                .forEach(change -> session.screen().note("  " + change));
        if (typed.isPresent()) {
            throw CommandFault.failed(
                    "nothing of yours was sent; what you typed is kept in %s: start again with it in view",
                    typed.get().file());
        }
        if (tries == TRIES_MAX) {
            throw CommandFault.failed("others change the config all the time; %d tries were overtaken", tries);
        }
        session.screen().note("applying yours to the new config");
    }

    /// Lets somebody type until the document can be read. The file stays until the change is done with.
    private Typed typed(ChannelConfig current) {
        Disk disk = session.world().disk();
        String editor = editor();
        byte[] mark = new byte[4];
        session.world().chance().nextBytes(mark);
        Path file = Path.of(
                System.getProperty("java.io.tmpdir", "."),
                "holdfast-%s-%s.yaml".formatted(channel, HexFormat.of().formatHex(mark)));
        ConfigDocument document = document(current);
        disk.replace(file, document.yaml().getBytes(StandardCharsets.UTF_8));
        while (true) {
            open(editor, file);
            String text = new String(disk.read(file), StandardCharsets.UTF_8);
            try {
                return new Typed(document.typed(text).tree(disk, Path.of("")), file);
            } catch (MalformedConfig e) {
                e.faults().forEach(fault -> session.screen().note("  " + fault));
                boolean again = session.screen().terminal()
                        && Screen.console()
                                .map(console -> console.readLine("Back to the editor? [yes] "))
                                .filter(word -> word.isBlank()
                                        || word.toLowerCase(Locale.ROOT).startsWith("y"))
                                .isPresent();
                if (!again) {
                    throw CommandFault.failed("nothing was sent; what you typed is kept in %s", file);
                }
            }
        }
    }

    private static String editor() {
        for (String name : List.of("VISUAL", "EDITOR")) {
            String value = System.getenv(name);
            if (value != null && !value.isBlank()) {
                return value;
            }
        }
        throw CommandFault.usage("there is no editor: set $EDITOR, or say what to change with --set or --patch");
    }

    /// The editor may be several words, so a shell takes them apart.
    private static void open(String editor, Path file) {
        try {
            int code = new ProcessBuilder("sh", "-c", editor + " \"$1\"", "sh", file.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw CommandFault.failed("the editor (%s) ended with %d; nothing was sent", editor, code);
            }
        } catch (IOException e) {
            throw CommandFault.failed("the editor (%s) does not start: %s", editor, Decode.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFault.failed("interrupted; nothing was sent");
        }
    }
}
