package org.holdfast.state;

import org.jspecify.annotations.Nullable;

/// When a key is to expire, as a command says it.
sealed interface Deadline {
    /// Milliseconds in a second.
    long SECOND = 1_000;

    /// Never.
    Deadline NONE = new Never();

    /// As it is.
    Deadline KEEP = new Kept();

    /// Never.
    record Never() implements Deadline {}

    /// As it is.
    record Kept() implements Deadline {}

    /// So many milliseconds after the moment of applying.
    record After(long millis, String command) implements Deadline {}

    /// At a millisecond since the Unix epoch.
    record At(long millis) implements Deadline {}

    /// The expiry of the new entry: 0 for never.
    static long resolve(Deadline deadline, long nowMillis, @Nullable Entry old) {
        return switch (deadline) {
            case Never _ -> 0;
            case Kept _ -> old == null ? 0 : old.expiry();
            case At at -> at.millis;
            case After after -> {
                if (after.millis > Long.MAX_VALUE - nowMillis) {
                    throw Refused.of(invalid(after.command));
                }
                yield nowMillis + after.millis;
            }
        };
    }

    /// One of EX, PX, EXAT, PXAT with the number behind it; a syntax error for any other word.
    static Deadline option(String option, Words words, String command) {
        return switch (option) {
            case "EX" -> within(words.whole(), SECOND, command);
            case "PX" -> within(words.whole(), 1, command);
            case "EXAT" -> new At(positive(words.whole(), SECOND, command));
            case "PXAT" -> new At(positive(words.whole(), 1, command));
            default -> throw BadWords.syntax();
        };
    }

    /// So many units after the moment of applying.
    static Deadline within(long count, long unit, String command) {
        return new After(positive(count, unit, command), command);
    }

    private static long positive(long count, long unit, String command) {
        if (count <= 0 || count > Long.MAX_VALUE / unit) {
            throw BadWords.of(invalid(command));
        }
        return count * unit;
    }

    private static String invalid(String command) {
        return "invalid expire time in '%s' command".formatted(command);
    }
}
