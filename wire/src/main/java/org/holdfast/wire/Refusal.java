package org.holdfast.wire;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;

/// An expected no: a stable code and a text that tells what to do.
public record Refusal(Code code, String text) {
    /// A refusal with a formatted text.
    @FormatMethod
    public static Refusal of(Code code, @FormatString String text, Object... values) {
        return new Refusal(code, text.formatted(values));
    }

    /// As something to throw or to complete a future with.
    public Refused asException() {
        return new Refused(this);
    }

    @Override
    public String toString() {
        return code.number() + " " + text;
    }

    /// Carries a refusal through code that answers with exceptions or futures. Has no stack trace: it is no bug.
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Refusal refusal;

        private Refused(Refusal refusal) {
            super(refusal.toString(), null, false, false);
            this.refusal = refusal;
        }

        public Refusal refusal() {
            return refusal;
        }
    }
}
