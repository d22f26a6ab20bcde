package org.holdfast.transport;

import java.time.Duration;
import java.util.OptionalLong;
import org.holdfast.env.Clock;

/// Counts events that strangers can cause at will, and says when they are worth a line.
final class RareLog {
    private static final long PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

    private final Clock clock;
    private long counted;
    private long lastNanos;
    private boolean logged;

    RareLog(Clock clock) {
        this.clock = clock;
    }

    /// Counts one event.
    ///
    /// @return how many have come since the last line, if a line is due
    synchronized OptionalLong count() {
        counted++;
        long now = clock.nanos();
        if (logged && now - lastNanos < PAUSE_NANOS) {
            return OptionalLong.empty();
        }
        long due = counted;
        logged = true;
        lastNanos = now;
        counted = 0;
        return OptionalLong.of(due);
    }
}
