package org.holdfast.env;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Makes every force of the disk wait, for measurements on machines whose disk answers before the bytes are safe. Off
/// unless asked for, and off again by itself. Any thread.
public final class ForceDelay {
    /// The longest wait and the longest time it may be on.
    public static final Duration EACH_MAX = Duration.ofSeconds(1);

    public static final Duration LASTING_MAX = Duration.ofHours(2);

    private final Clock clock;
    private volatile Setting setting = new Setting(0, 0);

    private record Setting(long eachNanos, long endNanos) {}

    ForceDelay(Clock clock) {
        this.clock = clock;
    }

    /// From now on a force takes this much longer. Values beyond the limits are cut to them; zero ends it.
    public void set(Duration each, Duration lasting) {
        long nanos = Math.clamp(each.toNanos(), 0, EACH_MAX.toNanos());
        setting = new Setting(nanos, clock.nanos() + Math.clamp(lasting.toNanos(), 0, LASTING_MAX.toNanos()));
    }

    /// Waits, if it is on. Called where a force has just returned.
    public void pause() {
        Setting now = setting;
        if (now.eachNanos == 0 || clock.nanos() - now.endNanos >= 0) {
            return;
        }
        long until = clock.nanos() + now.eachNanos;
        for (long left = now.eachNanos; left > 0; left = until - clock.nanos()) {
            LockSupport.parkNanos(left);
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
    }
}
