package org.holdfast.state;

import java.io.IOException;

/// A state's files cannot be used. They can be deleted: the state is built again from the blocks, or taken from
/// another node's checkpoint.
public final class StateUnusable extends IOException {
    private static final long serialVersionUID = 1L;

    private final Verdict verdict;

    StateUnusable(Verdict verdict, String text) {
        super(verdict.text + ": " + text);
        this.verdict = verdict;
    }

    /// What is wrong with them.
    public enum Verdict {
        CORRUPT("corrupt state"),
        TOO_OLD("state of an older program"),
        TOO_NEW("state of a newer program");

        private final String text;

        Verdict(String text) {
            this.text = text;
        }
    }

    public Verdict verdict() {
        return verdict;
    }
}
