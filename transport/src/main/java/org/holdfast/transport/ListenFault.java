package org.holdfast.transport;

import org.jspecify.annotations.Nullable;

/// A listener could not open its port. The text names the address and what to do.
public final class ListenFault extends Exception {
    private static final long serialVersionUID = 1L;

    ListenFault(String text, @Nullable Throwable cause) {
        super(text, cause);
    }
}
