package org.holdfast.state;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// A command as a client sent it: words of bytes, the first of which is its name in any case. Nothing is judged here;
/// see [CommandTable#parse].
///
/// @param argv at least one word; the arrays are not to be changed
public record Command(List<byte[]> argv) {
    private static final int READABLE_MAX = 64;

    public Command {
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("a command has at least its name");
        }
        argv = List.copyOf(argv);
    }

    /// Of texts, as UTF-8.
    public static Command of(String... words) {
        List<byte[]> argv = new ArrayList<>(words.length);
        for (String word : words) {
            argv.add(word.getBytes(StandardCharsets.UTF_8));
        }
        return new Command(argv);
    }

    /// The name in lower case.
    public String name() {
        return lower(argv.getFirst());
    }

    /// A word in lower case, one character a byte.
    static String lower(byte[] word) {
        return new String(word, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    }

    /// For people: printable ASCII as it is, other bytes as `\xhh`, long words cut.
    public static String readable(byte[] word) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(word.length, READABLE_MAX); i++) {
            char c = (char) (word[i] & 0xff);
            if (c >= ' ' && c < 0x7f && c != '\\') {
                text.append(c);
            } else {
                text.append("\\x%02x".formatted((int) c));
            }
        }
        if (word.length > READABLE_MAX) {
            text.append("...(").append(word.length).append(" bytes)");
        }
        return text.toString();
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Command that) || that.argv.size() != argv.size()) {
            return false;
        }
        for (int i = 0; i < argv.size(); i++) {
            if (!Arrays.equals(argv.get(i), that.argv.get(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (byte[] word : argv) {
            hash = 31 * hash + Arrays.hashCode(word);
        }
        return hash;
    }

    @Override
    public String toString() {
        return String.join(" ", argv.stream().map(Command::readable).toList());
    }
}
