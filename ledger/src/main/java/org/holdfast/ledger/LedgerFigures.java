package org.holdfast.ledger;

import java.util.List;
import java.util.Set;
import org.holdfast.env.Clock;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.holdfast.env.World;

/// What a ledger counts. The names without `holdfast_` are Fabric's. Counted from any thread.
public final class LedgerFigures implements AutoCloseable {
    static final Metric.Gauge HEIGHT = Metric.gauge(
            "ledger_blockchain_height", "Blocks in the ledger: the number of the next one.", "blocks", "channel");
    static final Metric.Timing COMMIT = Metric.timing(
            "ledger_blockstorage_commit_time",
            "From having a block to its being in the ledger's file and index and readable (not yet synced).",
            "channel");
    static final Metric.Timing FORCE = Metric.timing(
            "holdfast_ledger_force_duration", "Time to put all blocks and the index on the device.", "channel");
    static final Metric.Gauge DURABLE = Metric.gauge(
            "holdfast_ledger_durable_height", "Blocks known to be on the device, from 0 on.", "blocks", "channel");
    static final Metric.Gauge READERS =
            Metric.gauge("holdfast_feed_readers", "Readers of the channel's blocks.", "readers", "channel");
    static final Metric.Gauge LAG = Metric.gauge(
            "holdfast_feed_lag_blocks", "Blocks that the slowest reader has not read yet.", "blocks", "channel");

    /// Everything a ledger counts.
    public static final List<Metric> ALL = List.of(HEIGHT, COMMIT, FORCE, DURABLE, READERS, LAG);

    private final Clock clock;
    private final Metrics.Timing commit;
    private final Metrics.Timing force;
    private final List<Metrics.Watch> watches;

    LedgerFigures(World world, Ledger ledger, Set<FeedCursor> readers) {
        Metrics metrics = world.metrics();
        String channel = ledger.channel().name();
        this.clock = world.clock();
        this.commit = metrics.timing(COMMIT, channel);
        this.force = metrics.timing(FORCE, channel);
        this.watches = List.of(
                metrics.watch(HEIGHT, ledger::height, channel),
                metrics.watch(DURABLE, ledger::durableHeight, channel),
                metrics.watch(READERS, readers::size, channel),
                metrics.watch(LAG, () -> lag(ledger, readers), channel));
    }

    /// When something begins.
    long now() {
        return clock.nanos();
    }

    void appended(long began) {
        commit.observe(clock.nanos() - began);
    }

    void forced(long began) {
        force.observe(clock.nanos() - began);
    }

    private static double lag(Ledger ledger, Set<FeedCursor> readers) {
        long height = ledger.height();
        return readers.stream()
                .mapToLong(reader -> Math.max(0, height - reader.position()))
                .max()
                .orElse(0);
    }

    @Override
    public void close() {
        watches.forEach(Metrics.Watch::close);
    }
}
