package org.holdfast.node;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.keyspace.Keyspaces;
import org.holdfast.keyspace.ShardReport;
import org.holdfast.state.Census;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal.Refused;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tables and large collections of this node's shards, counted in the background while somebody asks: a count goes
/// through all entries of a state, so the next one begins [#PAUSE] after the last one's end at the earliest, and not
/// before ten times its length. Who asks gets the last count; only where there is none yet does it wait a little.
///
/// The lock guards what is under way; each count of all shards has a virtual thread.
final class TableCounts {
    /// From the end of a count to the next one.
    static final Duration PAUSE = Duration.ofSeconds(30);

    private static final int LENGTHS = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(TableCounts.class);

    private final World world;
    private final Keyspaces keyspaces;
    private final Map<ChannelId, Census> counted = new ConcurrentSkipListMap<>();
    private @Nullable CountDownLatch underWay;
    private boolean ever;
    private long notBeforeNanos;

    TableCounts(World world, Keyspaces keyspaces) {
        this.world = world;
        this.keyspaces = keyspaces;
    }

    /// The last counts, by channel; a shard that was not counted yet is missing.
    Map<ChannelId, Census> counts() {
        CountDownLatch running = wanted();
        List<ShardReport> shards = keyspaces.reports();
        boolean missing = shards.stream().anyMatch(shard -> !counted.containsKey(shard.channel()));
        if (running != null && missing) {
            try {
                boolean _ = running.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return Map.copyOf(counted);
    }

    /// The count that is under way, begun if it is time.
    private synchronized @Nullable CountDownLatch wanted() {
        if (underWay == null && (!ever || world.clock().nanos() - notBeforeNanos >= 0)) {
            CountDownLatch begun = new CountDownLatch(1);
            underWay = begun;
            ever = true;
            world.start("count-tables", () -> run(begun));
        }
        return underWay;
    }

    private void run(CountDownLatch begun) {
        long since = world.clock().nanos();
        try {
            List<ShardReport> shards = keyspaces.reports();
            counted.keySet().retainAll(shards.stream().map(ShardReport::channel).toList());
            shards.forEach(shard -> count(shard.channel()).ifPresent(census -> counted.put(shard.channel(), census)));
        } finally {
            ended(since);
            begun.countDown();
        }
    }

    private Optional<Census> count(ChannelId channel) {
        try {
            return keyspaces.state(channel).flatMap(state -> state.census());
        } catch (DiskFault e) {
            // boundary: the pages go on with the last count, and the next one tries again
            LOG.error("channel={}: its tables cannot be counted: {}", channel, Decode.reason(e));
            return Optional.empty();
        } catch (Refused closed) { // its state is being closed
            return Optional.empty();
        }
    }

    private synchronized void ended(long sinceNanos) {
        long now = world.clock().nanos();
        notBeforeNanos = now + Math.max(PAUSE.toNanos(), LENGTHS * (now - sinceNanos));
        underWay = null;
    }
}
