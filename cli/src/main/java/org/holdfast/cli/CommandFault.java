package org.holdfast.cli;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;

/// Ends a command with a text for the operator: what is wrong and what to do about it.
final class CommandFault extends RuntimeException {
    /// Refused or failed.
    static final int FAILED = 1;
    /// Wrong usage.
    static final int USAGE = 2;

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private CommandFault(int exitCode, String text) {
        super(text, null, false, false);
        this.exitCode = exitCode;
    }

    @FormatMethod
    static CommandFault failed(@FormatString String text, Object... values) {
        return new CommandFault(FAILED, text.formatted(values));
    }

    @FormatMethod
    static CommandFault usage(@FormatString String text, Object... values) {
        return new CommandFault(USAGE, text.formatted(values));
    }

    int exitCode() {
        return exitCode;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
