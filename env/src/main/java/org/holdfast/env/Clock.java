package org.holdfast.env;

/// Time as a room sees it. Rooms that decide anything read no other clock.
public interface Clock {
    /// Milliseconds since the Unix epoch, UTC. May jump in either direction.
    long wallMillis();

    /// Nanoseconds from an arbitrary origin. Never goes backwards; only differences mean anything.
    long nanos();
}
