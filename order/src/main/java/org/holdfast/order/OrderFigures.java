package org.holdfast.order;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import org.holdfast.env.Clock;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.holdfast.env.World;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Outcomes;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.jspecify.annotations.Nullable;

/// What ordering counts in one channel. The names without `holdfast_` are Fabric's; what differs from Fabric stands in
/// their help.
///
/// Threads: [#read], [#adopted] and [#leads] on the channel's loop, everything else from any thread.
public final class OrderFigures implements AutoCloseable {
    static final Metric.Timing VALIDATE = Metric.timing(
            "broadcast_validate_duration",
            "Time to judge one envelope: size, signature, policy.",
            "channel",
            "type",
            "status");
    static final Metric.Timing ENQUEUE = Metric.timing(
            "broadcast_enqueue_duration",
            "From the end of judging an admitted envelope to its answer: here SUCCESS means ordered and on the disks of"
                    + " a quorum, in Fabric only queued.",
            "channel",
            "type",
            "status");
    static final Metric.Timing FILL = Metric.timing(
            "blockcutter_block_fill_duration", "From a block's first envelope to its being cut.", "channel");
    static final Metric.Gauge CLUSTER = Metric.gauge(
            "consensus_etcdraft_cluster_size", "Seats of the channel: its consenters.", "members", "channel");
    static final Metric.Gauge COMMITTED = Metric.gauge(
            "consensus_etcdraft_committed_block_number", "Number of the newest block at this node.", "1", "channel");
    static final Metric.Gauge LEADS =
            Metric.gauge("consensus_etcdraft_is_leader", "1 while this node leads the channel.", "1", "channel");
    static final Metric.Counter LEADERS = Metric.counter(
            "consensus_etcdraft_leader_changes", "How often another leader was seen.", "changes", "channel");
    static final Metric.Counter NORMAL = Metric.counter(
            "consensus_etcdraft_normal_proposals_received",
            "Envelopes without configuration that clients gave this node.",
            "envelopes",
            "channel");
    static final Metric.Counter CONFIG = Metric.counter(
            "consensus_etcdraft_config_proposals_received",
            "Configuration envelopes that clients gave this node.",
            "envelopes",
            "channel");
    static final Metric.Counter FAILURES = Metric.counter(
            "consensus_etcdraft_proposal_failures",
            "Envelopes that were admitted and could not be ordered, or whose fate was not known in time.",
            "envelopes",
            "channel");
    static final Metric.Gauge SNAPSHOT = Metric.gauge(
            "consensus_etcdraft_snapshot_block_number",
            "Newest block that the log may forget, being durable here; 0 before the first time.",
            "1",
            "channel");
    static final Metric.Counter BLOCKS =
            Metric.counter("holdfast_order_blocks_cut", "Blocks cut from the log at this node.", "blocks", "channel");
    static final Metric.Counter ENVELOPES =
            Metric.counter("holdfast_order_envelopes_ordered", "Envelopes in these blocks.", "envelopes", "channel");
    static final Metric.Gauge OUTSTANDING =
            Metric.gauge("holdfast_gate_outstanding", "Envelopes taken and not answered yet.", "envelopes", "channel");
    static final Metric.Gauge OUTSTANDING_BYTES =
            Metric.gauge("holdfast_gate_outstanding_bytes", "Bytes of these envelopes.", "bytes", "channel");
    static final Metric.Gauge WAITING =
            Metric.gauge("holdfast_gate_waiting", "Envelopes that are in no record yet.", "envelopes", "channel");
    static final Metric.Gauge FLIGHTS =
            Metric.gauge("holdfast_gate_flights", "Records on their way into the log and back.", "records", "channel");
    static final Metric.Counter RESENDS = Metric.counter(
            "holdfast_gate_resends",
            "Rounds in which records without a fate were sent again: lost answers, changes of leader.",
            "rounds",
            "channel");
    static final Metric.Gauge LOOP = Metric.gauge(
            "holdfast_channel_loop_depth", "Tasks that wait for the channel's thread.", "tasks", "channel");
    static final Metric.Gauge CLOCK = Metric.gauge(
            "holdfast_clock_ahead_seconds",
            "How far this node's wall clock is ahead of the median of the members' clocks, as last compared; beyond"
                    + " 10 s either way the node does not lead.",
            "s",
            "channel");
    static final Metric.Gauge FAULT = Metric.gauge(
            "holdfast_channel_fault",
            "1 while something keeps the channel from serving: a full disk, a log that cannot be written, a halt.",
            "1",
            "channel");
    static final Metric.Gauge CONFIG_SEQUENCE = Metric.gauge(
            "holdfast_channel_config_sequence",
            "Sequence of the config in force at this node; the same on all of them when all are well.",
            "1",
            "channel");
    static final Metric.Gauge TERM = Metric.gauge("holdfast_channel_term", "The log engine's term.", "1", "channel");
    static final Metric.Timing READ_POINT = Metric.timing(
            "holdfast_read_point_duration",
            "One round of asking the leader from where on a read may be answered; one round serves all reads that"
                    + " waited for it.",
            "channel",
            "outcome");

    /// Everything ordering counts.
    public static final List<Metric> ALL = List.of(
            VALIDATE,
            ENQUEUE,
            FILL,
            CLUSTER,
            COMMITTED,
            LEADS,
            LEADERS,
            NORMAL,
            CONFIG,
            FAILURES,
            SNAPSHOT,
            BLOCKS,
            ENVELOPES,
            OUTSTANDING,
            OUTSTANDING_BYTES,
            WAITING,
            FLIGHTS,
            RESENDS,
            LOOP,
            FAULT,
            CONFIG_SEQUENCE,
            TERM,
            CLOCK,
            READ_POINT);

    private static final int SUCCESS = 200;

    private final Metrics metrics;
    private final Clock clock;
    private final String channel;
    private final Outcomes<Metrics.Timing> validate;
    private final Outcomes<Metrics.Timing> enqueue;
    private final Metrics.Timing fill;
    private final Metrics.Counter normal;
    private final Metrics.Counter config;
    private final Metrics.Counter failures;
    private final Metrics.Counter leaders;
    private final Metrics.Counter blocks;
    private final Metrics.Counter envelopes;
    private final Metrics.Counter resends;
    private final Metrics.Gauge snapshot;
    private final Metrics.Timing readPoints;
    private final Metrics.Timing noReadPoints;
    private final List<Metrics.Watch> watches = new ArrayList<>();
    private Optional<MemberId> lastLeader = Optional.empty();
    private boolean filling;
    private long fillingSince;

    OrderFigures(World world, String channel) {
        this.metrics = world.metrics();
        this.clock = world.clock();
        this.channel = channel;
        this.validate = new Outcomes<>((type, status) -> metrics.timing(VALIDATE, channel, type, status));
        this.enqueue = new Outcomes<>((type, status) -> metrics.timing(ENQUEUE, channel, type, status));
        this.fill = metrics.timing(FILL, channel);
        this.normal = metrics.counter(NORMAL, channel);
        this.config = metrics.counter(CONFIG, channel);
        this.failures = metrics.counter(FAILURES, channel);
        this.leaders = metrics.counter(LEADERS, channel);
        this.blocks = metrics.counter(BLOCKS, channel);
        this.envelopes = metrics.counter(ENVELOPES, channel);
        this.resends = metrics.counter(RESENDS, channel);
        this.snapshot = metrics.gauge(SNAPSHOT, channel);
        this.readPoints = metrics.timing(READ_POINT, channel, "told");
        this.noReadPoints = metrics.timing(READ_POINT, channel, "refused");
    }

    /// Begins to watch what a channel knows of itself anyway.
    void watch(Orderer orderer, Gate gate, IntSupplier loopDepth) {
        watch(CLUSTER, () -> orderer.status().members().size());
        watch(COMMITTED, () -> orderer.status().height() - 1);
        watch(LEADS, () -> orderer.status().role() == OrdererStatus.Role.LEADER ? 1 : 0);
        watch(CONFIG_SEQUENCE, () -> orderer.status().configSequence());
        watch(TERM, () -> orderer.status().term());
        watch(FAULT, () -> orderer.status().problem().isPresent() ? 1 : 0);
        watch(LOOP, loopDepth::getAsInt);
        watch(OUTSTANDING, gate::outstanding);
        watch(OUTSTANDING_BYTES, gate::outstandingBytes);
        watch(WAITING, gate::waiting);
        watch(FLIGHTS, gate::flying);
    }

    private void watch(Metric.Gauge metric, DoubleSupplier source) {
        watches.add(metrics.watch(metric, source, channel));
    }

    /// Begins to watch the node's clock.
    void watch(ClockWatch clocks) {
        watch(CLOCK, clocks::aheadSeconds);
    }

    /// An envelope has come to the gate.
    void proposed(int type) {
        boolean configures = type == HeaderType.CONFIG_UPDATE_VALUE || type == HeaderType.CONFIG_VALUE;
        (configures ? config : normal).increment();
    }

    /// An envelope was judged.
    void judged(int type, Optional<Refusal> refusal, long nanos) {
        validate.of(type, refusal.map(OrderFigures::status).orElse(SUCCESS)).observe(nanos);
    }

    /// An admitted envelope is answered.
    void answered(int type, @Nullable Refusal refusal, long nanos) {
        enqueue.of(type, refusal == null ? SUCCESS : status(refusal)).observe(nanos);
        if (refusal != null) {
            failures.increment();
        }
    }

    private static int status(Refusal refusal) {
        return refusal.code().status();
    }

    /// A round of read points has ended.
    void readPoint(boolean told, long nanos) {
        (told ? readPoints : noReadPoints).observe(nanos);
    }

    /// Records without a fate go out again.
    void resent() {
        resends.increment();
    }

    /// A record was read.
    ///
    /// @param pending envelopes that wait for the next block now
    void read(List<Cutter.Effect> effects, int pending) {
        for (Cutter.Effect effect : effects) {
            if (effect instanceof Cutter.Effect.Cut cut) {
                fill.observe(filling ? clock.nanos() - fillingSince : 0);
                filling = false;
                blocks.increment();
                envelopes.add(cut.envelopes().size());
            }
        }
        if (pending > 0 && !filling) {
            filling = true;
            fillingSince = clock.nanos();
        }
    }

    /// A block came from elsewhere; what was pending is part of it or comes again.
    void adopted() {
        filling = false;
    }

    /// Somebody leads, or nobody.
    void leads(Leadership now) {
        if (now.leader().isPresent() && !now.leader().equals(lastLeader)) {
            lastLeader = now.leader();
            leaders.increment();
        }
    }

    /// The log may forget what is in this block and the ones before it.
    void checkpoint(long block) {
        snapshot.set(block);
    }

    @Override
    public void close() {
        watches.forEach(Metrics.Watch::close);
    }
}
