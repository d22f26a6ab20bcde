package org.holdfast.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.World;

/// What every command is given: the machine and where its words go.
record Session(World world, Screen screen) {
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    /// Waits for a moment between two looks at something that cannot be awaited.
    ///
    /// @return false when interrupted
    static boolean pause(long millis) {
        try {
            return !NEVER.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Seconds since an earlier reading of the clock.
    double secondsSince(long nanos) {
        return (world.clock().nanos() - nanos) / 1e9;
    }
}
