package org.holdfast.state.redis;

import java.time.Duration;

/// What CONFIG SET changes while the door is open. Any thread.
final class Tuning {
    volatile int clients;
    volatile Duration idle;
    volatile int bulkBytes;
    volatile long outputBytes;
    volatile long slowMicros = 10_000;
    volatile int slowKept = 128;

    Tuning(DoorSettings.Limits limits) {
        this.clients = limits.clients();
        this.idle = limits.times().idle();
        this.bulkBytes = limits.bulkBytes();
        this.outputBytes = limits.outputBytes();
    }
}
