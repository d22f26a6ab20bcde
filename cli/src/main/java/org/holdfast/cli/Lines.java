package org.holdfast.cli;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// Splits bytes at line feeds and changes nothing else: no charset, carriage returns stay, empty lines count. What
/// follows the last line feed is a line if it is not empty.
final class Lines implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;

    private final InputStream in;
    private final boolean whole;
    private final int limit;
    private final byte[] chunk = new byte[CHUNK];
    private int from;
    private int until;
    private long number;
    private boolean ended;

    /// One line.
    ///
    /// @param number from 1
    /// @param bytes without the line feed; empty when too long
    /// @param tooLong whether it was longer than the limit and left out
    record Line(long number, ByteString bytes, boolean tooLong) {}

    /// @param whole take the whole input as one line
    /// @param limit bytes a line may have
    Lines(InputStream in, boolean whole, int limit) {
        this.in = in;
        this.whole = whole;
        this.limit = limit;
    }

    /// The next line, empty at the end of the input.
    Optional<Line> next() throws IOException {
        if (ended) {
            return Optional.empty();
        }
        ByteString.Output line = ByteString.newOutput();
        boolean tooLong = false;
        while (true) {
            if (from == until && !fill()) {
                ended = true;
                return whole || tooLong || line.size() > 0 ? Optional.of(line(line, tooLong)) : Optional.empty();
            }
            int end = whole ? until : feed();
            tooLong |= (long) line.size() + (end - from) > limit;
            if (tooLong) {
                line.reset();
            } else {
                line.write(chunk, from, end - from);
            }
            boolean complete = end < until;
            from = complete ? end + 1 : until;
            if (complete) {
                return Optional.of(line(line, tooLong));
            }
        }
    }

    /// Whether [#next] has something to read at once. It may still wait for the rest of a line.
    boolean ready() throws IOException {
        return from < until || in.available() > 0;
    }

    private Line line(ByteString.Output bytes, boolean tooLong) {
        number++;
        return new Line(number, tooLong ? ByteString.EMPTY : bytes.toByteString(), tooLong);
    }

    private int feed() {
        int at = from;
        while (at < until && chunk[at] != '\n') {
            at++;
        }
        return at;
    }

    private boolean fill() throws IOException {
        int count = in.read(chunk);
        from = 0;
        until = Math.max(count, 0);
        return count > 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
