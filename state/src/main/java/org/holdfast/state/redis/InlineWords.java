package org.holdfast.state.redis;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/// The words of a request typed on a line: parted by white space, `"..."` with the escapes `\n \r \t \b \a \xHH`,
/// `'...'` with the escape `\'`.
final class InlineWords {
    private final byte[] line;
    private int at;

    private InlineWords(byte[] line) {
        this.line = line;
    }

    /// @return the words, none for a blank line
    /// @throws ProtocolFault when a quote is not closed, or closed in the middle of a word
    static List<byte[]> split(byte[] line) throws ProtocolFault {
        return new InlineWords(line).all();
    }

    private List<byte[]> all() throws ProtocolFault {
        List<byte[]> words = new ArrayList<>();
        while (true) {
            while (at < line.length && isSpace(line[at])) {
                at++;
            }
            // A zero byte ends the line, as it ends a C string.
            if (at >= line.length || line[at] == 0) {
                return words;
            }
            words.add(word());
        }
    }

    private byte[] word() throws ProtocolFault {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        while (at < line.length && !isSpace(line[at]) && line[at] != 0) {
            byte next = line[at++];
            if (next == '"' || next == '\'') {
                quoted(next, word);
            } else {
                word.write(next);
            }
        }
        return word.toByteArray();
    }

    private void quoted(byte quote, ByteArrayOutputStream word) throws ProtocolFault {
        while (true) {
            if (at >= line.length || line[at] == 0) {
                throw new ProtocolFault("unbalanced quotes in request");
            }
            byte next = line[at++];
            if (next == quote) {
                if (at < line.length && !isSpace(line[at]) && line[at] != 0) {
                    throw new ProtocolFault("unbalanced quotes in request");
                }
                return;
            }
            if (next == '\\' && at < line.length && quote == '"') {
                word.write(escaped());
            } else if (next == '\\' && at < line.length && line[at] == '\'') {
                word.write(line[at++]);
            } else {
                word.write(next);
            }
        }
    }

    private int escaped() {
        byte code = line[at++];
        if (code == 'x' && at + 1 < line.length) {
            int high = Character.digit(line[at], 16);
            int low = Character.digit(line[at + 1], 16);
            if (high >= 0 && low >= 0) {
                at += 2;
                return (high << 4) | low;
            }
        }
        return switch (code) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> code;
        };
    }

    private static boolean isSpace(byte value) {
        return value == ' ' || (value >= '\t' && value <= '\r');
    }
}
