package org.holdfast.node;

import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was started, to be closed in the opposite order. Used by one thread at a time.
final class Parts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

    private final ArrayDeque<AutoCloseable> started = new ArrayDeque<>();

    /// Takes a part in charge.
    <T extends AutoCloseable> T keep(T part) {
        started.push(part);
        return part;
    }

    /// Closes every part, whatever becomes of the others.
    @Override
    public void close() {
        while (!started.isEmpty()) {
            AutoCloseable part = started.pop();
            try {
                part.close();
            } catch (Exception e) { // boundary: parts declare what they like, and the others must close too
                LOG.error("{} did not close", part.getClass().getSimpleName(), e);
            }
        }
    }
}
