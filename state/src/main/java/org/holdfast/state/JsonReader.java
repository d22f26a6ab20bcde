package org.holdfast.state;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads JSON as RFC 8259 has it: one value, in UTF-8, nothing behind it. Of members of one name the last one counts.
final class JsonReader {
    /// How deep values may lie in each other.
    static final int DEPTH_MAX = 128;

    private static final Pattern NUMBER = Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");
    private static final String ESCAPED = "\"\\/bfnrt";
    private static final String MEANT = "\"\\/\b\f\n\r\t";
    private static final int HEX = 16;
    private static final int HEX_DIGITS = 4;

    private final String text;
    private int at;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    /// It is none.
    private static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed() {
            super("malformed", null, false, false);
        }
    }

    /// Empty when it is no JSON, or too deep.
    static Optional<Json> read(byte[] bytes) {
        try {
            JsonReader reader = new JsonReader(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
            Json value = reader.value();
            reader.space();
            return reader.at == reader.text.length() ? Optional.of(value) : Optional.empty();
        } catch (CharacterCodingException | Malformed e) {
            return Optional.empty();
        }
    }

    private Json value() {
        space();
        return switch (peek()) {
            case '{' -> members();
            case '[' -> items();
            case '"' -> new Json.Text(string());
            case 't' -> word(Json.Word.TRUE);
            case 'f' -> word(Json.Word.FALSE);
            case 'n' -> word(Json.Word.NULL);
            default -> number();
        };
    }

    private Json members() {
        Map<String, Json> members = new LinkedHashMap<>();
        enter('{');
        if (!ends('}')) {
            do {
                space();
                String name = string();
                space();
                take(':');
                members.put(name, value());
            } while (goesOn('}'));
        }
        depth--;
        return new Json.Members(members);
    }

    private Json items() {
        List<Json> items = new ArrayList<>();
        enter('[');
        if (!ends(']')) {
            do {
                items.add(value());
            } while (goesOn(']'));
        }
        depth--;
        return new Json.Items(items);
    }

    private void enter(char bracket) {
        take(bracket);
        if (++depth > DEPTH_MAX) {
            throw new Malformed();
        }
    }

    /// Takes the closing bracket if it comes at once.
    private boolean ends(char bracket) {
        space();
        if (peek() == bracket) {
            at++;
            return true;
        }
        return false;
    }

    /// Takes a comma, or the closing bracket.
    private boolean goesOn(char bracket) {
        space();
        if (peek() == ',') {
            at++;
            return true;
        }
        take(bracket);
        return false;
    }

    private String string() {
        take('"');
        StringBuilder string = new StringBuilder();
        for (char c = next(); c != '"'; c = next()) {
            if (c < ' ') {
                throw new Malformed();
            }
            string.append(c == '\\' ? escaped() : c);
        }
        return string.toString();
    }

    private char escaped() {
        char c = next();
        if (c != 'u') {
            int known = ESCAPED.indexOf(c);
            if (known < 0) {
                throw new Malformed();
            }
            return MEANT.charAt(known);
        }
        int code = 0;
        for (int i = 0; i < HEX_DIGITS; i++) {
            char digit = next();
            int value = digit < 0x80 ? Character.digit(digit, HEX) : -1;
            if (value < 0) {
                throw new Malformed();
            }
            code = code * HEX + value;
        }
        return (char) code;
    }

    private Json word(Json.Word word) {
        String expected = word.text();
        if (!text.startsWith(expected, at)) {
            throw new Malformed();
        }
        at += expected.length();
        return word;
    }

    private Json number() {
        Matcher matcher = NUMBER.matcher(text).region(at, text.length());
        if (!matcher.lookingAt()) {
            throw new Malformed();
        }
        at = matcher.end();
        return new Json.Numeral(matcher.group());
    }

    private void space() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private void take(char wanted) {
        if (next() != wanted) {
            throw new Malformed();
        }
    }

    private char next() {
        char c = peek();
        at++;
        return c;
    }

    private char peek() {
        if (at >= text.length()) {
            throw new Malformed();
        }
        return text.charAt(at);
    }
}
