package org.holdfast.identity;

import org.jspecify.annotations.Nullable;

/// Certificates, keys or MSP definitions that cannot be used. The text names the file or the element and what to do.
public final class BadMaterial extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// A fault.
    ///
    /// @param text what is wrong, where
    public BadMaterial(String text) {
        this(text, null);
    }

    /// A fault that a decoder found.
    ///
    /// @param cause what the decoder said
    public BadMaterial(String text, @Nullable Throwable cause) {
        super(cause == null ? text : text + ": " + cause.getMessage(), cause);
    }
}
