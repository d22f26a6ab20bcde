package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Collectors;
import org.holdfast.keyspace.CommandEnvelope;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.wire.EnvelopeView;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The commands of an envelope that a node made of what Redis clients asked, for people and as JSON.
record CommandText(CommandEnvelope envelope) {
    private static final int WORD_MAX = 40;
    private static final int WORDS_MAX = 8;
    private static final int LINE_MAX = 200;

    /// Empty when the envelope is none of these, or of a newer program.
    static Optional<CommandText> of(EnvelopeView view) {
        try {
            if (!CommandEnvelope.is(view)) {
                return Optional.empty();
            }
            CommandEnvelope read = CommandEnvelope.of(view);
            return read.version() > CommandEnvelope.VERSION ? Optional.empty() : Optional.of(new CommandText(read));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
    }

    /// On one line, cut where it grows too long: `user: COMMAND word word; ...`.
    String text() {
        StringBuilder line = new StringBuilder();
        for (CommandEnvelope.Asked asked : envelope.groups()) {
            if (line.length() > LINE_MAX) {
                break;
            }
            line.append(line.isEmpty() ? "" : "; ").append(asked.user()).append(": ");
            String commands =
                    asked.group().commands().stream().map(CommandText::words).collect(Collectors.joining("; "));
            Batch.Once once = asked.group().once();
            if (once != null) {
                line.append("ONCE ").append(word(once.id())).append(' ');
            }
            line.append(asked.group().transaction() ? "MULTI { " + commands + " }" : commands);
        }
        String shown = line.length() > LINE_MAX ? line.substring(0, LINE_MAX) + "..." : line.toString();
        return "%d request%s %s"
                .formatted(
                        envelope.groups().size(),
                        envelope.groups().size() == 1 ? "" : "s",
                        shown.replaceAll("\\p{Cntrl}", "?"));
    }

    private static String words(Command command) {
        String shown =
                command.argv().stream().limit(WORDS_MAX).map(CommandText::word).collect(Collectors.joining(" "));
        int more = command.argv().size() - WORDS_MAX;
        return more > 0 ? shown + " (" + more + " more)" : shown;
    }

    private static String word(byte[] word) {
        Optional<String> text = utf8(word);
        if (text.isEmpty()) {
            return "(" + word.length + " bytes)";
        }
        String shown = text.get();
        return shown.length() <= WORD_MAX ? shown : shown.substring(0, WORD_MAX) + "...(" + word.length + " bytes)";
    }

    /// Everything: words as text, or as `{"base64": ...}` where they are none.
    void into(ObjectNode object) {
        object.put("member", envelope.id().member())
                .put("sequence", envelope.id().sequence());
        ArrayNode requests = object.putArray("requests");
        for (CommandEnvelope.Asked asked : envelope.groups()) {
            ObjectNode request = requests.addObject()
                    .put("user", asked.user())
                    .put("transaction", asked.group().transaction());
            Batch.Once once = asked.group().once();
            if (once != null) {
                utf8(once.id())
                        .ifPresentOrElse(
                                id -> request.put("once", id),
                                () -> request.putObject("once")
                                        .put("base64", Base64.getEncoder().encodeToString(once.id())));
            }
            ArrayNode commands = request.putArray("commands");
            for (Command command : asked.group().commands()) {
                ArrayNode words = commands.addArray();
                command.argv().forEach(word -> add(words, word));
            }
            watches(asked.group(), request);
        }
    }

    private static void watches(Batch.Group group, ObjectNode request) {
        if (!group.watches().isEmpty()) {
            ArrayNode watches = request.putArray("watches");
            for (Batch.Watch watch : group.watches()) {
                ArrayNode pair = watches.addArray();
                add(pair, watch.key());
                pair.add(watch.version());
            }
        }
    }

    private static void add(ArrayNode words, byte[] word) {
        Optional<String> text = utf8(word);
        if (text.isPresent()) {
            words.add(text.get());
        } else {
            words.addObject().put("base64", Base64.getEncoder().encodeToString(word));
        }
    }

    private static Optional<String> utf8(byte[] word) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteString.copyFrom(word).asReadOnlyByteBuffer())
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
