package org.holdfast.state;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Arithmetic of INCRBYFLOAT and HINCRBYFLOAT. Redis computes these in C's `long double`, which on x86-64 is the 80-bit
/// format: 64 bits of significand, rounded half to even. The same is done here exactly, with decimal numbers that are
/// always values of that format, so every node and every platform gets what Redis gets on x86-64. Printed with
/// 17 digits after the point (`%.17Lf`), zeros at the end cut.
///
/// Narrower than Redis in one way: hexadecimal notation is no number here.
final class Extended {
    private static final int SIGNIFICAND_BITS = 64;
    private static final int PRINTED_DIGITS = 17;
    private static final int TEXT_MAX = 5_119;
    private static final int EXPONENT_MAX = 4_933;
    /// What a sum is answered with that is no number.
    static final String NO_RESULT = "increment would produce NaN or Infinity";

    private static final String NO_FLOAT = "value is not a valid float";
    private static final Pattern DECIMAL = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,6})?");
    private static final Pattern INFINITE = Pattern.compile("[+-]?inf(inity)?");
    private static final BigDecimal LIMIT = new BigDecimal(BigInteger.ONE.shiftLeft(1 << 14));
    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    private Extended() {}

    /// The increment, when words are parsed.
    ///
    /// @param infinite Redis' words for infinity in the case at hand
    static BigDecimal argument(byte[] word, String infinite) {
        if (isInfinite(word)) {
            throw BadWords.of(infinite);
        }
        return parse(word).orElseThrow(() -> BadWords.of(NO_FLOAT));
    }

    /// A stored value.
    static BigDecimal stored(byte[] word) {
        return stored(word, NO_FLOAT);
    }

    /// A stored value, with Redis' words for the case at hand.
    static BigDecimal stored(byte[] word, String otherwise) {
        if (isInfinite(word)) {
            throw Refused.of(NO_RESULT);
        }
        return parse(word).orElseThrow(() -> Refused.of(otherwise));
    }

    /// The rounded sum.
    static BigDecimal sum(BigDecimal a, BigDecimal b) {
        BigDecimal sum = round(a.add(b));
        if (sum.abs().compareTo(LIMIT) >= 0) {
            throw Refused.of(NO_RESULT);
        }
        return sum;
    }

    /// As Redis prints it.
    static String text(BigDecimal value) {
        BigDecimal shown = value.setScale(PRINTED_DIGITS, RoundingMode.HALF_EVEN);
        if (shown.signum() == 0) {
            return "0";
        }
        return shown.stripTrailingZeros().toPlainString();
    }

    private static boolean isInfinite(byte[] word) {
        return word.length <= TEXT_MAX && INFINITE.matcher(Command.lower(word)).matches();
    }

    private static Optional<BigDecimal> parse(byte[] word) {
        String text = new String(word, StandardCharsets.ISO_8859_1).toUpperCase(Locale.ROOT);
        if (text.length() > TEXT_MAX || !DECIMAL.matcher(text).matches()) {
            return Optional.empty();
        }
        BigDecimal exact = new BigDecimal(text);
        boolean tooFar = exact.signum() != 0 && Math.abs((long) exact.precision() - exact.scale()) > EXPONENT_MAX;
        if (tooFar) {
            return Optional.empty();
        }
        BigDecimal rounded = round(exact);
        return rounded.abs().compareTo(LIMIT) < 0 ? Optional.of(rounded) : Optional.empty();
    }

    /// The nearest number with a significand of 64 bits, half to even.
    private static BigDecimal round(BigDecimal exact) {
        if (exact.signum() == 0) {
            return BigDecimal.ZERO;
        }
        // The significand has 64 bits when the number is scaled by this power of two, which is guessed and mended.
        int shift = SIGNIFICAND_BITS - magnitude(exact.abs());
        BigInteger significand = scaled(exact, shift);
        return unscaled(significand, shift);
    }

    /// The bits before the binary point; zero or negative for fractions.
    private static int magnitude(BigDecimal positive) {
        if (positive.compareTo(BigDecimal.ONE) >= 0) {
            return positive.toBigInteger().bitLength();
        }
        int bits = (int) ((positive.scale() - positive.precision()) * 3.32);
        BigDecimal lifted = positive.multiply(TWO.pow(bits));
        while (lifted.compareTo(BigDecimal.ONE) < 0) {
            lifted = lifted.multiply(TWO);
            bits++;
        }
        return lifted.toBigInteger().bitLength() - bits;
    }

    private static BigInteger scaled(BigDecimal exact, int shift) {
        BigDecimal moved =
                shift >= 0 ? exact.multiply(TWO.pow(shift)) : exact.divide(TWO.pow(-shift), MathContext.UNLIMITED);
        return moved.setScale(0, RoundingMode.HALF_EVEN).unscaledValue();
    }

    private static BigDecimal unscaled(BigInteger significand, int shift) {
        BigDecimal whole = new BigDecimal(significand);
        return shift >= 0 ? whole.divide(TWO.pow(shift), MathContext.UNLIMITED) : whole.multiply(TWO.pow(-shift));
    }
}
