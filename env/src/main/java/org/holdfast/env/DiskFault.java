package org.holdfast.env;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The disk did not do what it was asked. Not a bug of ours and not a request's fault: it names the path, so that an
/// operator knows which disk to look at.
public final class DiskFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path path;

    /// @param action what was being done, as a gerund phrase ("writing", "syncing")
    public DiskFault(String action, Path path, @Nullable IOException cause) {
        super("disk fault while %s %s%s".formatted(action, path, cause == null ? "" : ": " + reason(cause)), cause);
        this.path = path;
    }

    /// The file or directory that failed.
    public Path path() {
        return path;
    }

    private static String reason(IOException cause) {
        String text = cause.getMessage();
        return text == null ? cause.getClass().getSimpleName() : text;
    }
}
