package org.holdfast.env;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;

/// A broken invariant: a bug in Holdfast. The channel that meets one halts with a dump; other channels go on.
public final class Invariant extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Invariant(String message) {
        super(message);
    }

    /// Checks a condition that only a bug can make false. Always on.
    ///
    /// @param text what must hold, a format string
    @FormatMethod
    public static void check(boolean holds, @FormatString String text, Object... values) {
        if (!holds) {
            throw broken(text, values);
        }
    }

    /// The failure itself, for places that cannot be reached by correct code: `throw Invariant.broken(...)`.
    @FormatMethod
    public static Invariant broken(@FormatString String text, Object... values) {
        return new Invariant(text.formatted(values));
    }
}
