package org.holdfast.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.holdfast.channel.ConfigDocument;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.env.Disk;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.jspecify.annotations.Nullable;

/// A config's document in a file, for somebody with an editor. Whatever happens to the command, what was typed is not
/// lost: the file's name is told before the editor opens, and the file goes only when the change is done with
/// ([#done]) or nothing was typed.
///
/// Belongs to the command's thread.
final class TypedText implements AutoCloseable {
    private final Session session;
    private final ConfigDocument document;
    private final String channel;
    private final Path file;
    private boolean done;

    private TypedText(Session session, ConfigDocument document, String channel, Path file) {
        this.session = session;
        this.document = document;
        this.channel = channel;
        this.file = file;
    }

    static TypedText of(Session session, ConfigDocument document, String channel) {
        byte[] mark = new byte[4];
        session.world().chance().nextBytes(mark);
        Path file = Path.of(
                System.getProperty("java.io.tmpdir", "."),
                "holdfast-%s-%s.yaml".formatted(channel, HexFormat.of().formatHex(mark)));
        session.world().disk().replace(file, document.yaml().getBytes(StandardCharsets.UTF_8));
        return new TypedText(session, document, channel, file);
    }

    /// The editor to open: the one named, else $VISUAL, else $EDITOR.
    ///
    /// @throws CommandFault when there is none
    static String editor(@Nullable String named) {
        if (named != null && !named.isBlank()) {
            return named;
        }
        for (String name : List.of("VISUAL", "EDITOR")) {
            String value = System.getenv(name);
            if (value != null && !value.isBlank()) {
                return value;
            }
        }
        throw CommandFault.usage(
                "there is no editor: set $EDITOR or say --editor, or say what to change with --set or --patch");
    }

    /// Lets somebody type until the document can be read.
    ConfigGroup typed(String editor) {
        session.screen().note("your text is %s until the change is done".formatted(file));
        while (true) {
            open(editor);
            try {
                return document.typed(text()).tree(session.world().disk(), Path.of(""));
            } catch (MalformedConfig e) {
                e.faults().forEach(fault -> session.screen().note("  " + fault));
                boolean again = session.screen()
                        .ask("Back to the editor? [yes] ")
                        .filter(word -> word.isBlank()
                                || word.strip().toLowerCase(Locale.ROOT).startsWith("y"))
                        .isPresent();
                if (!again) {
                    throw CommandFault.failed("nothing was sent: the text says what no config can say");
                }
            }
        }
    }

    private String text() {
        Disk disk = session.world().disk();
        if (!disk.exists(file)) {
            throw CommandFault.failed("the editor left no %s; nothing was sent", file);
        }
        return new String(disk.read(file), StandardCharsets.UTF_8);
    }

    /// The change is done with, or there is none.
    void done() {
        done = true;
    }

    /// Removes the file, or says what is kept in it.
    @Override
    public void close() {
        Disk disk = session.world().disk();
        if (!disk.exists(file)) {
            return;
        }
        if (done || text().equals(document.yaml())) {
            disk.delete(file);
        } else {
            session.screen()
                    .note("what you typed is kept in %s; correct it there, then: holdfast channel edit %s --from %s"
                            .formatted(file, channel, NetworkDir.shellWord(file.toString())));
        }
    }

    /// The editor may be several words, so a shell takes them apart.
    private void open(String editor) {
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
