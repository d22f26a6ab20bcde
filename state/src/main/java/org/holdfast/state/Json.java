package org.holdfast.state;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A JSON value as it is worked on. Objects and lists are changed in place; numbers stay as they were written.
sealed interface Json {
    /// An object; the order of its members stays.
    record Members(Map<String, Json> map) implements Json {}

    /// A list.
    record Items(List<Json> list) implements Json {}

    /// A text.
    record Text(String value) implements Json {}

    /// A number, in the digits it was written with.
    record Numeral(String digits) implements Json {}

    /// `true`, `false` or `null`.
    enum Word implements Json {
        TRUE,
        FALSE,
        NULL
    }

    /// What JSON.TYPE answers.
    default String kind() {
        return switch (this) {
            case Members _ -> "object";
            case Items _ -> "array";
            case Text _ -> "string";
            case Numeral _ -> "number";
            case Word word -> word == Word.NULL ? "null" : "boolean";
        };
    }

    /// How many objects and lists lie in each other.
    default int depth() {
        return switch (this) {
            case Members members -> 1 + deepest(members.map.values());
            case Items items -> 1 + deepest(items.list);
            case Text _ -> 0;
            case Numeral _ -> 0;
            case Word _ -> 0;
        };
    }

    private static int deepest(Collection<Json> values) {
        int deepest = 0;
        for (Json value : values) {
            deepest = Math.max(deepest, value.depth());
        }
        return deepest;
    }

    /// In its shortest form, without spaces: what is stored and answered.
    default String text() {
        StringBuilder text = new StringBuilder();
        write(this, text);
        return text.toString();
    }

    private static void write(Json value, StringBuilder text) {
        switch (value) {
            case Members members -> {
                char before = '{';
                for (Map.Entry<String, Json> member : members.map.entrySet()) {
                    text.append(before);
                    quote(member.getKey(), text);
                    write(member.getValue(), text.append(':'));
                    before = ',';
                }
                text.append(before == '{' ? "{}" : "}");
            }
            case Items items -> {
                char before = '[';
                for (Json item : items.list) {
                    write(item, text.append(before));
                    before = ',';
                }
                text.append(before == '[' ? "[]" : "]");
            }
            case Text string -> quote(string.value, text);
            case Numeral number -> text.append(number.digits);
            case Word word -> text.append(word.name().toLowerCase(Locale.ROOT));
        }
    }

    private static void quote(String value, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean paired = Character.isHighSurrogate(c)
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1));
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (paired) {
                text.append(c).append(value.charAt(++i));
            } else if (c < ' ' || Character.isSurrogate(c)) {
                // Half of a pair has no bytes in UTF-8.
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
