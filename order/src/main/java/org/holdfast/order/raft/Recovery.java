package org.holdfast.order.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.order.OrderedLog.Reader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings a channel back whose log could not be written. Ratis' follower with a failed log stays up and takes nothing
/// in; so the group is taken down, the disk is tried until it takes writes again, and the group is put up again over
/// its log.
///
/// `Well` → (log failed) → `Down` → (disk takes writes, group is up) → `Well`. The state belongs to the engine's
/// loop; what blocks runs on a virtual thread, one at a time per channel.
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final int READING_LOOKS = 40;
    private static final int PROBE_BYTES = 256 << 10;

    private final RaftEngine engine;
    private final ChannelLog channel;
    private final Division division;
    private final Reader reader;
    private boolean down;
    private volatile @Nullable String again;

    Recovery(RaftEngine engine, ChannelLog channel, Division division, Reader reader) {
        this.engine = engine;
        this.channel = channel;
        this.division = division;
        this.reader = reader;
    }

    /// The log failed. While a failure is being recovered from it is only remembered. On the loop.
    void begin(String reason) {
        if (down) {
            again = reason;
        }
        if (down || channel.isEnded()) {
            return;
        }
        down = true;
        LOG.warn("channel {} log: well -> down ({})", channel.channel(), reason);
        reader.logFailed(reason);
        engine.world().start("raft-recover-" + channel.channel(), () -> {
            takeDown();
            attempt();
        });
    }

    private void takeDown() {
        try {
            endReading();
            division.remove(false);
            channel.failTickets();
        } catch (IOException | RuntimeException fault) {
            // boundary: the attempt that follows takes the group down again
            LOG.warn("channel {}: taking the group down: {}", channel.channel(), fault.toString());
        }
    }

    /// Ratis closes a group when everything committed was handed on. In a log that failed a committed record may be
    /// missing: then the thread that looks for it never ends, and closing waits for it for ever. It ends when it
    /// finds the log closed; a reader that is held up by the disk comes to that when the disk takes blocks again.
    private void endReading() throws IOException {
        for (int i = 0; i < READING_LOOKS && division.behind() > 0; i++) {
            LockSupport.parkNanos(LOOK.toNanos());
        }
        if (division.behind() == 0) {
            return;
        }
        LOG.warn("channel {}: committed records are missing in the failed log", channel.channel());
        division.closeLog();
        while (division.behind() > 0 && !division.isClosed() && !channel.isEnded() && !engine.isClosed()) {
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private void attempt() {
        if (channel.isEnded() || engine.isClosed()) {
            return;
        }
        try {
            probe();
            division.remove(false);
            again = null; // nothing of the old group speaks any more
            channel.reopen();
            engine.post(this::recovered);
        } catch (IOException | RuntimeException fault) {
            // Whatever it was, giving up would leave the channel down for good.
            LOG.info("channel {} log stays down: {}", channel.channel(), fault.toString());
            engine.loop().after(PAUSE, () -> engine.world().start("raft-recover-" + channel.channel(), this::attempt));
        }
    }

    private void recovered() {
        down = false;
        String reason = again;
        if (reason != null) {
            begin(reason);
            return;
        }
        LOG.warn("channel {} log: down -> well (the disk takes writes again)", channel.channel());
        reader.logRecovered();
        channel.announce();
    }

    private void probe() {
        Disk disk = engine.world().disk();
        Path storage = engine.settings().storage();
        long free = disk.freeBytes(storage);
        if (free < engine.settings().sizes().freeSpace()) {
            throw new DiskFault(
                    "waiting for %d free bytes, %d there, on"
                            .formatted(engine.settings().sizes().freeSpace(), free),
                    storage,
                    null);
        }
        Path file = storage.resolve("probe-" + channel.channel());
        try (Disk.DiskFile probe = disk.open(file)) {
            probe.write(ByteBuffer.allocate(PROBE_BYTES), 0);
            probe.force();
        } finally {
            disk.delete(file);
        }
    }
}
