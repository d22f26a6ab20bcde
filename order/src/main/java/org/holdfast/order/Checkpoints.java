package org.holdfast.order;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.ledger.Ledger;
import org.holdfast.order.OrderedLog.Position;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets the engine forget what is in durable blocks (contract: purging). Counted on the channel's loop, carried out
/// on a virtual thread, one at a time.
final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    private final World world;
    private final Ledger ledger;
    private final OrderedLog log;
    private final Resumes resumes;
    private final LongSupplier intervalBytes;
    private final OrderFigures figures;
    private final AtomicBoolean running = new AtomicBoolean();
    private long bytesSince;

    /// Decodes the resume state of a stored block.
    interface Resumes {
        Resume at(long number);
    }

    /// What it works with.
    ///
    /// @param intervalBytes bytes of blocks between two checkpoints (SnapshotIntervalSize of the config in force)
    record Parts(
            World world,
            Ledger ledger,
            OrderedLog log,
            Resumes resumes,
            LongSupplier intervalBytes,
            OrderFigures figures) {}

    Checkpoints(Parts parts) {
        this.world = parts.world;
        this.ledger = parts.ledger;
        this.log = parts.log;
        this.resumes = parts.resumes;
        this.intervalBytes = parts.intervalBytes;
        this.figures = parts.figures;
    }

    /// Counts a block that was written.
    void wrote(int bytes) {
        bytesSince += bytes;
        if (bytesSince >= intervalBytes.getAsLong() && running.compareAndSet(false, true)) {
            bytesSince = 0;
            world.start("checkpoint", this::run);
        }
    }

    private void run() {
        try {
            long durable = ledger.force();
            Position position = resumes.at(durable - 1).replayAfter();
            log.forgetUpTo(position);
            figures.checkpoint(durable - 1);
            LOG.info("Blocks below {} are durable, the log may forget up to record {}", durable, position.index());
        } catch (DiskFault e) {
            // boundary: nothing is lost, the log keeps what it has, and the next checkpoint comes with the next blocks.
            LOG.warn("No checkpoint now, the log grows until one succeeds: {}", e.getMessage());
        } finally {
            running.set(false);
        }
    }
}
