package org.holdfast.transport;

import org.jspecify.annotations.Nullable;

/// The other end could not be reached, or a call to it broke off without an answer. Try again, or elsewhere.
public final class LinkBroken extends Exception {
    private static final long serialVersionUID = 1L;

    LinkBroken(String text, @Nullable Throwable cause) {
        super(text, cause);
    }
}
