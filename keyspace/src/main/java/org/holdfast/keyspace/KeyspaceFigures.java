package org.holdfast.keyspace;

import java.util.List;
import java.util.function.LongSupplier;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.holdfast.wire.ChannelId;

/// What keyspaces count, for each shard by its channel's name.
public final class KeyspaceFigures {
    private static final String CHANNEL = "channel";

    static final Metric.Gauge APPLIED = Metric.gauge(
            "holdfast_keyspace_applied_block", "The last block whose commands are in the state.", "blocks", CHANNEL);
    static final Metric.Gauge BEHIND = Metric.gauge(
            "holdfast_keyspace_blocks_behind",
            "Blocks of this node's ledger that are not in the state yet.",
            "blocks",
            CHANNEL);
    static final Metric.Gauge KEYS = Metric.gauge(
            "holdfast_keyspace_keys", "Keys, with expired ones that no block has removed yet.", "keys", CHANNEL);
    static final Metric.Gauge WAITING = Metric.gauge(
            "holdfast_keyspace_requests_waiting", "Writing requests in no envelope yet.", "requests", CHANNEL);
    static final Metric.Gauge TRANSFER = Metric.gauge(
            "holdfast_keyspace_checkpoint_bytes_left",
            "Bytes still to come of the checkpoint that is fetched from another member; 0 when none is.",
            "bytes",
            CHANNEL);
    static final Metric.Counter TAKEN = Metric.counter(
            "holdfast_keyspace_checkpoints_taken",
            "Checkpoints of other members that took the place of the state.",
            "checkpoints",
            CHANNEL);
    static final Metric.Counter BATCHES =
            Metric.counter("holdfast_keyspace_batches", "Envelopes that this node made.", "envelopes", CHANNEL);
    static final Metric.Counter REQUESTS =
            Metric.counter("holdfast_keyspace_requests", "Writing requests in them.", "requests", CHANNEL);
    static final Metric.Counter COMMANDS = Metric.counter(
            "holdfast_keyspace_commands", "Commands applied, of every node's clients.", "commands", CHANNEL);
    static final Metric.Counter IGNORED = Metric.counter(
            "holdfast_keyspace_envelopes_ignored",
            "Envelopes of commands that count for nothing: not readable, or not made by an orderer's organisation.",
            "envelopes",
            CHANNEL);
    static final Metric.Counter READ_POINTS =
            Metric.counter("holdfast_keyspace_read_points", "Questions for a read point.", "questions", CHANNEL);
    static final Metric.Counter READS =
            Metric.counter("holdfast_keyspace_reads", "Reads answered, stale ones too.", "reads", CHANNEL);
    static final Metric.Timing WRITE_SECONDS = Metric.timing(
            "holdfast_keyspace_write_seconds", "From a writing request to its reply: ordered and applied.", CHANNEL);
    static final Metric.Timing READ_SECONDS =
            Metric.timing("holdfast_keyspace_read_seconds", "From a linearizable read to its reply.", CHANNEL);

    /// All of them.
    public static final List<Metric> ALL = List.of(
            APPLIED,
            BEHIND,
            KEYS,
            WAITING,
            TRANSFER,
            TAKEN,
            BATCHES,
            REQUESTS,
            COMMANDS,
            IGNORED,
            READ_POINTS,
            READS,
            WRITE_SECONDS,
            READ_SECONDS);

    private KeyspaceFigures() {}

    /// Those of one shard. Any thread.
    static final class Shard implements AutoCloseable {
        final Metrics.Counter commands;
        final Metrics.Counter ignored;
        final Metrics.Counter readPoints;
        final Metrics.Counter reads;
        final Metrics.Timing readNanos;
        final Metrics.Counter taken;
        private final Metrics.Counter batches;
        private final Metrics.Counter requests;
        private final Metrics.Timing writeNanos;
        private final List<Metrics.Watch> watches;

        Shard(Metrics metrics, ChannelId channel, Watched watched) {
            String name = channel.name();
            this.commands = metrics.counter(COMMANDS, name);
            this.ignored = metrics.counter(IGNORED, name);
            this.readPoints = metrics.counter(READ_POINTS, name);
            this.reads = metrics.counter(READS, name);
            this.readNanos = metrics.timing(READ_SECONDS, name);
            this.taken = metrics.counter(TAKEN, name);
            this.batches = metrics.counter(BATCHES, name);
            this.requests = metrics.counter(REQUESTS, name);
            this.writeNanos = metrics.timing(WRITE_SECONDS, name);
            this.watches = List.of(
                    metrics.watch(APPLIED, watched.applied::getAsLong, name),
                    metrics.watch(BEHIND, watched.behind::getAsLong, name),
                    metrics.watch(KEYS, watched.keys::getAsLong, name),
                    metrics.watch(WAITING, watched.waiting::getAsLong, name),
                    metrics.watch(TRANSFER, watched.transferLeft::getAsLong, name));
        }

        /// What is looked up when somebody reads the figures.
        record Watched(
                LongSupplier applied,
                LongSupplier behind,
                LongSupplier keys,
                LongSupplier waiting,
                LongSupplier transferLeft) {}

        void batched(int count) {
            batches.increment();
            requests.add(count);
        }

        void answered(long nanos) {
            writeNanos.observe(nanos);
        }

        @Override
        public void close() {
            watches.forEach(Metrics.Watch::close);
        }
    }
}
