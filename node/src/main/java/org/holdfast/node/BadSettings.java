package org.holdfast.node;

import java.util.List;

/// The settings cannot be used. Lists every fault at once, each with what to do.
public final class BadSettings extends Exception {
    private static final long serialVersionUID = 1L;

    BadSettings(List<String> faults) {
        super(String.join(System.lineSeparator(), faults));
    }
}
