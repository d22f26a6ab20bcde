package org.holdfast.state;

import java.nio.charset.StandardCharsets;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// Numbers as Redis reads and writes them.
public final class Numbers {
    private static final int LONG_DIGITS_MAX = 20;

    // Digits are never given back: what is no number is found out in a time that grows with its length alone.
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(?:[0-9]++(?:\\.[0-9]*+)?|\\.[0-9]++)(?:[eE][+-]?[0-9]++)?");
    private static final Pattern HEXADECIMAL =
            Pattern.compile("[+-]?0[xX](?:[0-9a-fA-F]++(?:\\.[0-9a-fA-F]*+)?|\\.[0-9a-fA-F]++)(?:[pP][+-]?[0-9]++)?");

    private static final Pattern INFINITE = Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern NOT_ZERO = Pattern.compile("[+-]?(?:0[xX][0.]*[1-9a-fA-F]|[0.]*[1-9])");
    private static final Pattern SPACES = Pattern.compile("^[ \t\n\u000b\f\r]+");

    private Numbers() {}

    /// A signed 64-bit integer in the one form Redis takes: no plus sign, no leading zeros, no spaces, no `-0`.
    ///
    /// @return empty when it is anything else
    public static OptionalLong whole(byte[] word) {
        int length = word.length;
        if (length == 0 || length > LONG_DIGITS_MAX) {
            return OptionalLong.empty();
        }
        if (length == 1 && word[0] == '0') {
            return OptionalLong.of(0);
        }
        boolean negative = word[0] == '-';
        int at = negative ? 1 : 0;
        if (at == length || word[at] < '1' || word[at] > '9') {
            return OptionalLong.empty();
        }
        long value = 0; // kept negative: the negative range is the larger one
        for (; at < length; at++) {
            int digit = word[at] - '0';
            if (digit < 0 || digit > 9 || value < Long.MIN_VALUE / 10) {
                return OptionalLong.empty();
            }
            value *= 10;
            if (value < Long.MIN_VALUE + digit) {
                return OptionalLong.empty();
            }
            value -= digit;
        }
        if (!negative && value == Long.MIN_VALUE) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(negative ? value : -value);
    }

    /// A floating point number in one of the forms C's `strtod` takes in its plain locale: decimal or hexadecimal,
    /// `inf`,
    /// `infinity`; no spaces, nothing behind it, no `nan`, nothing too large, nothing too small but not 0.
    ///
    /// @return empty when it is anything else
    public static OptionalDouble real(byte[] word) {
        OptionalDouble value = parsed(new String(word, StandardCharsets.ISO_8859_1));
        if (value.isPresent() && (Double.isInfinite(value.getAsDouble()) || value.getAsDouble() == 0)) {
            String text = new String(word, StandardCharsets.ISO_8859_1);
            boolean overflow =
                    value.getAsDouble() != 0 && !INFINITE.matcher(text).matches();
            boolean underflow =
                    value.getAsDouble() == 0 && NOT_ZERO.matcher(text).lookingAt();
            return overflow || underflow ? OptionalDouble.empty() : value;
        }
        return value;
    }

    /// A floating point number as Redis takes the bounds of scores: as [#real], but with white space before it, and up
    /// to a zero byte; nothing at all is 0, and what is too large is infinite.
    ///
    /// @return empty when it is anything else
    public static OptionalDouble bound(byte[] word) {
        String text = new String(word, StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        String cut = end < 0 ? text : text.substring(0, end);
        return cut.isEmpty() ? OptionalDouble.of(0) : parsed(SPACES.matcher(cut).replaceFirst(""));
    }

    private static OptionalDouble parsed(String text) {
        if (DECIMAL.matcher(text).matches()) {
            return OptionalDouble.of(Double.parseDouble(text));
        }
        if (INFINITE.matcher(text).matches()) {
            return OptionalDouble.of(text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        if (HEXADECIMAL.matcher(text).matches()) {
            boolean power = text.indexOf('p') >= 0 || text.indexOf('P') >= 0;
            return OptionalDouble.of(Double.parseDouble(power ? text : text + "p0"));
        }
        return OptionalDouble.empty();
    }

    /// A double as replies show it: the shortest decimal that reads back as the same number, whole numbers without a
    /// point, `inf` and `-inf`. (Redis up to 7.0 prints 17 digits where this prints fewer; from 7.2 on it does not.)
    public static String text(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e17) {
            return value == 0 && 1 / value < 0 ? "-0" : Long.toString((long) value);
        }
        return scientific(Double.toString(value));
    }

    /// From Java's notation (`1.0E20`) to C's (`1e+20`), and plain where C's `%g` is plain.
    private static String scientific(String java) {
        int e = java.indexOf('E');
        if (e < 0) {
            return java;
        }
        int exponent = Integer.parseInt(java.substring(e + 1));
        if (exponent >= -4 && exponent < 17) {
            String plain = new java.math.BigDecimal(java).toPlainString();
            return plain.contains(".") ? plain.replaceAll("0+$", "").replaceAll("\\.$", "") : plain;
        }
        String digits = java.substring(0, e).replaceAll("\\.0$", "");
        int size = Math.abs(exponent);
        // By hand: a machine's language must not show in what is stored.
        return digits + (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + size;
    }
}
