package org.holdfast.transport;

import org.jspecify.annotations.Nullable;

/// A certificate or key file that cannot be used. The text names the file and what is wrong with it.
public final class TlsMaterialException extends Exception {
    private static final long serialVersionUID = 1L;

    TlsMaterialException(String text, @Nullable Throwable cause) {
        super(text, cause);
    }
}
