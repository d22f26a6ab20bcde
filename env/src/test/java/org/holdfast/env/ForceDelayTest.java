package org.holdfast.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Forces that take longer, on real files. Only lower bounds: how long a machine takes by itself is its own affair.
class ForceDelayTest {
    private static final Duration EACH = Duration.ofMillis(30);

    private final World world = World.real();

    @TempDir
    private Path dir;

    @Test
    void everyForceWaits() {
        try (Disk.DiskFile file = world.disk().open(dir.resolve("f"))) {
            file.write(ByteBuffer.wrap(new byte[10]), 0);
            world.forceDelay().set(EACH, Duration.ofMinutes(1));
            assertThat(took(file::force)).isGreaterThanOrEqualTo(EACH);
            assertThat(took(() -> world.disk().forceDirectory(dir))).isGreaterThanOrEqualTo(EACH);
        }
    }

    @Test
    void itEndsByItselfAndWhenToldSo() {
        ForceDelay delay = new ForceDelay(world.clock());
        delay.set(ForceDelay.EACH_MAX, Duration.ZERO);
        assertThat(took(delay::pause)).isLessThan(ForceDelay.EACH_MAX);
        delay.set(ForceDelay.EACH_MAX, Duration.ofMinutes(1));
        delay.set(Duration.ZERO, Duration.ofMinutes(1));
        assertThat(took(delay::pause)).isLessThan(ForceDelay.EACH_MAX);
    }

    @Test
    void moreThanTheLimitIsCutToIt() {
        ForceDelay delay = new ForceDelay(world.clock());
        delay.set(Duration.ofDays(1), Duration.ofDays(1));
        assertThat(took(delay::pause)).isBetween(ForceDelay.EACH_MAX, Duration.ofMinutes(1));
    }

    private Duration took(Runnable work) {
        long began = world.clock().nanos();
        work.run();
        return Duration.ofNanos(world.clock().nanos() - began);
    }
}
