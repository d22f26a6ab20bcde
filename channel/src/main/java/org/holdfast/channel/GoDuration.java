package org.holdfast.channel;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Durations as Go's `time.ParseDuration` writes them: `2s`, `1m30s`, `1.5h`, `300us`.
public final class GoDuration {
    private static final Pattern PART = Pattern.compile("([0-9]*\\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)");
    private static final Pattern FORM =
            Pattern.compile("[-+]?((([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(ns|us|µs|μs|ms|s|m|h))+");
    private static final int LONGEST_TEXT = 64;

    private GoDuration() {}

    /// Reads.
    ///
    /// @return null when the text is no duration of at most 292 years, Go's largest
    public static @Nullable Duration parse(String text) {
        if ("0".equals(text)) {
            return Duration.ZERO;
        }
        if (text.length() > LONGEST_TEXT || !FORM.matcher(text).matches()) {
            return null;
        }
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(nanosOf(part.group(2)))));
        }
        if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            return null;
        }
        Duration length = Duration.ofNanos(nanos.longValue());
        return text.startsWith("-") ? length.negated() : length;
    }

    private static long nanosOf(String unit) {
        return switch (unit) {
            case "ns" -> 1L;
            case "us", "µs", "μs" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> throw new IllegalArgumentException("no unit of the pattern: " + unit);
        };
    }

    /// The form Go reads back: whole milliseconds or seconds where possible.
    public static String format(Duration length) {
        if (length.toNanos() % 1_000_000_000L == 0) {
            return length.toSeconds() + "s";
        }
        return length.toNanos() % 1_000_000L == 0 ? length.toMillis() + "ms" : length.toNanos() + "ns";
    }

    /// The form Go's `Duration.String` writes, e.g. `2s`, `1m30s`, `1.5s`, `300µs`; the one Fabric's tools leave in a
    /// config.
    ///
    /// @param length not negative
    static String text(Duration length) {
        long nanos = length.toNanos();
        if (nanos == 0) {
            return "0s";
        }
        if (nanos < 1_000L) {
            return nanos + "ns";
        }
        if (nanos < 1_000_000L) {
            return decimal(nanos, 3) + "µs";
        }
        if (nanos < 1_000_000_000L) {
            return decimal(nanos, 6) + "ms";
        }
        long hours = length.toHours();
        String seconds = decimal(nanos % 60_000_000_000L, 9) + "s";
        if (hours > 0) {
            return hours + "h" + length.toMinutesPart() + "m" + seconds;
        }
        return length.toMinutesPart() > 0 ? length.toMinutesPart() + "m" + seconds : seconds;
    }

    private static String decimal(long nanos, int places) {
        return BigDecimal.valueOf(nanos, places).stripTrailingZeros().toPlainString();
    }
}
