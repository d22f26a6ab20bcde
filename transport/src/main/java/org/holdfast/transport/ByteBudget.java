package org.holdfast.transport;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Bytes all Broadcast streams of a listener hold unanswered. Over the limit nobody asks for more until some are
/// answered. Thread-safe; calls nobody under its lock.
final class ByteBudget {
    private final long limit;
    private final Set<Runnable> waiting = new LinkedHashSet<>();
    private long used;

    ByteBudget(long limit) {
        this.limit = limit;
    }

    /// Whether a stream may ask for one more message.
    ///
    /// @param wake run once when it may again, if the answer is no; the same object each time for one stream
    synchronized boolean admits(Runnable wake) {
        if (used < limit) {
            return true;
        }
        waiting.add(wake);
        return false;
    }

    synchronized void take(long bytes) {
        used += bytes;
    }

    void give(long bytes) {
        List<Runnable> woken;
        synchronized (this) {
            used -= bytes;
            if (used >= limit || waiting.isEmpty()) {
                return;
            }
            woken = List.copyOf(waiting);
            waiting.clear();
        }
        woken.forEach(Runnable::run);
    }

    /// A stream has ended.
    synchronized void forget(Runnable wake) {
        waiting.remove(wake);
    }

    synchronized long used() {
        return used;
    }
}
