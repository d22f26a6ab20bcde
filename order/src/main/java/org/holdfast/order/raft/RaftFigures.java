package org.holdfast.order.raft;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.impl.RatisMetricRegistryImpl;
import org.apache.ratis.server.metrics.RaftLogMetricsBase;
import org.apache.ratis.server.metrics.SegmentedRaftLogMetrics;
import org.apache.ratis.thirdparty.com.codahale.metrics.MetricRegistry;
import org.apache.ratis.thirdparty.com.codahale.metrics.Timer;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;

/// What the Raft engine counts. The names without `holdfast_` are Fabric's. Any thread.
///
/// Ratis measures its log's writes with timers of its own, in a registry that is the process's. Before it makes the
/// timer of a log, we put ours in its place.
public final class RaftFigures implements AutoCloseable {
    static final Metric.Gauge ACTIVE = Metric.gauge(
            "consensus_etcdraft_active_nodes",
            "Members the leader heard of within an election time-out, itself among them; on a follower itself and its"
                    + " leader; 0 without a leader.",
            "members",
            "channel");
    static final Metric.Timing PERSIST = Metric.timing(
            "consensus_etcdraft_data_persist_duration", "Time to put records of the log on the device.", "channel");
    static final Metric.Gauge BEHIND = Metric.gauge(
            "holdfast_log_behind_records",
            "Records known here to be committed that the channel has not read yet.",
            "records",
            "channel");
    static final Metric.Gauge APPENDS = Metric.gauge(
            "holdfast_log_appends", "Appends to this node's log that are under way.", "appends", "channel");

    /// Everything the Raft engine counts.
    public static final List<Metric> ALL = List.of(ACTIVE, PERSIST, BEHIND, APPENDS);

    private final Metrics metrics;
    private final Map<String, ChannelLog> logs = new ConcurrentHashMap<>();
    private final Map<ChannelLog, List<Metrics.Watch>> watches = new ConcurrentHashMap<>();
    private final Consumer<RatisMetricRegistry> onMade = this::made;
    private final Consumer<RatisMetricRegistry> onGone = this::gone;

    RaftFigures(Metrics metrics) {
        this.metrics = metrics;
        MetricRegistries.global().addReporterRegistration(onMade, onGone);
    }

    /// A channel's log is about to be opened.
    ///
    /// @param member Ratis' name of this member in the channel's group
    void opening(ChannelLog log, Division division, String member) {
        String channel = log.channel().name();
        logs.put(member, log);
        watches.put(
                log,
                List.of(
                        metrics.watch(ACTIVE, division::active, channel),
                        metrics.watch(BEHIND, division::behind, channel),
                        metrics.watch(APPENDS, log::underWay, channel)));
    }

    /// A channel's log is closed.
    void closed(ChannelLog log) {
        logs.values().remove(log);
        List<Metrics.Watch> ended = watches.remove(log);
        if (ended != null) {
            ended.forEach(Metrics.Watch::close);
        }
    }

    @Override
    public void close() {
        MetricRegistries.global().removeReporterRegistration(onMade, onGone);
        List.copyOf(watches.keySet()).forEach(this::closed);
    }

    private void made(RatisMetricRegistry registry) {
        MetricRegistryInfo about = registry.getMetricRegistryInfo();
        Optional<ChannelLog> log = Optional.ofNullable(logs.get(about.getPrefix()));
        boolean ofLog = about.getMetricsComponentName().equals(RaftLogMetricsBase.RATIS_LOG_WORKER_METRICS);
        if (ofLog && log.isPresent() && registry instanceof RatisMetricRegistryImpl theirs) {
            Metrics.Timing persist = metrics.timing(PERSIST, log.get().channel().name());
            // The name under which their registry looks for it.
            String name = MetricRegistry.name(
                    about.getApplicationName(),
                    about.getMetricsComponentName(),
                    about.getPrefix(),
                    SegmentedRaftLogMetrics.RAFT_LOG_FLUSH_TIME);
            var _ = theirs.getDropWizardMetricRegistry().timer(name, () -> new Passing(persist));
        }
    }

    private void gone(RatisMetricRegistry registry) {
        // Ours stand for the channel and outlive the log's being opened again.
    }

    /// A timer that counts with us as well.
    private static final class Passing extends Timer {
        private final Metrics.Timing timing;

        Passing(Metrics.Timing timing) {
            this.timing = timing;
        }

        @Override
        public void update(long duration, TimeUnit unit) {
            timing.observe(unit.toNanos(duration));
            super.update(duration, unit);
        }
    }
}
