package org.holdfast.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Bulk output whose reader may leave (`holdfast feed | head`): that is an end, not an error.
final class Output implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;

    private final OutputStream out;
    private boolean gone;

    Output(OutputStream out) {
        this.out = new BufferedOutputStream(out, BUFFER);
    }

    /// Whether the reader has left.
    boolean gone() {
        return gone;
    }

    void write(byte[] bytes, int count) {
        if (!gone) {
            try {
                out.write(bytes, 0, count);
            } catch (IOException readerLeft) {
                gone = true;
            }
        }
    }

    /// @return false when the reader has left
    boolean flush() {
        if (!gone) {
            try {
                out.flush();
            } catch (IOException readerLeft) {
                gone = true;
            }
        }
        return !gone;
    }

    /// Hands over what is buffered. Standard output stays open.
    @Override
    public void close() {
        flush();
    }
}
