package org.holdfast.lab.sim;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A promise that was not kept in a schedule. An error, so that no handler of the code under test takes it for its own.
final class Violation extends Error {
    private static final long serialVersionUID = 1L;

    private final String rule;

    /// @param rule name of the rule that found it
    Violation(String rule, String text, @Nullable Throwable cause) {
        super(rule + ": " + text, cause);
        this.rule = rule;
    }

    @FormatMethod
    static Violation of(Class<?> rule, @FormatString String text, @Nullable Object... values) {
        return new Violation(rule.getSimpleName(), String.format(Locale.ROOT, text, values), null);
    }

    String rule() {
        return rule;
    }
}
