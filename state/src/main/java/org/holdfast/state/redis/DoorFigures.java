package org.holdfast.state.redis;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.env.Clock;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.holdfast.env.World;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the Redis door counts.
public final class DoorFigures {
    static final Metric.Counter OPENED =
            Metric.counter("redis_connections_opened", "Connections to the Redis door.", "connections");
    static final Metric.Gauge OPEN =
            Metric.gauge("redis_connections", "Connections to the Redis door open now.", "connections");
    static final Metric.Counter CUT = Metric.counter(
            "redis_connections_cut",
            "Connections the Redis door closed by itself, by reason.",
            "connections",
            "reason");
    static final Metric.Counter COMMANDS =
            Metric.counter("redis_commands", "Requests the Redis door has taken.", "requests");
    static final Metric.Counter FAILURES = Metric.counter(
            "redis_commands_refused", "Requests the door did not hand on: unknown, not allowed.", "requests");
    static final Metric.Counter LOGINS_REFUSED =
            Metric.counter("redis_logins_refused", "Names and passwords that were wrong.", "logins");
    static final Metric.Gauge WAITING =
            Metric.gauge("redis_clients_waiting", "Clients that wait in a blocking command.", "connections");

    /// Everything the Redis door counts.
    public static final List<Metric> ALL = List.of(OPENED, OPEN, CUT, COMMANDS, FAILURES, LOGINS_REFUSED, WAITING);

    private static final Logger LOG = LoggerFactory.getLogger(RedisDoor.class);
    private static final long PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

    final Metrics.Counter opened;
    final Metrics.Gauge open;
    final Metrics.Counter commands;
    final Metrics.Counter failures;
    final Metrics.Counter loginsRefused;
    final Metrics.Gauge waiting;
    private final Metrics metrics;
    private final Clock clock;
    private final Map<String, Long> lastSaid = new ConcurrentHashMap<>();

    DoorFigures(World world) {
        this.metrics = world.metrics();
        this.clock = world.clock();
        this.opened = metrics.counter(OPENED);
        this.open = metrics.gauge(OPEN);
        this.commands = metrics.counter(COMMANDS);
        this.failures = metrics.counter(FAILURES);
        this.loginsRefused = metrics.counter(LOGINS_REFUSED);
        this.waiting = metrics.gauge(WAITING);
    }

    /// The figures at a moment.
    ///
    /// @param open connections now
    /// @param opened connections since the start
    /// @param commands requests taken
    /// @param refused of them not handed on
    /// @param loginsRefused wrong names and passwords
    /// @param waiting clients in a blocking command
    /// @param unansweredBytes of requests that wait for their replies
    public record Reading(
            long open,
            long opened,
            long commands,
            long refused,
            long loginsRefused,
            long waiting,
            long unansweredBytes) {}

    Reading reading(long unansweredBytes) {
        return new Reading(
                now(open),
                count(OPENED),
                count(COMMANDS),
                count(FAILURES),
                count(LOGINS_REFUSED),
                now(waiting),
                unansweredBytes);
    }

    private static long now(Metrics.Gauge gauge) {
        return (long) ((Metrics.Value.Single) gauge.value()).value();
    }

    /// What a counter without labels has come to.
    long count(Metric.Counter counter) {
        return (long) ((Metrics.Value.Single) metrics.counter(counter).value()).value();
    }

    /// Counts a connection the door closed, and says so, of each reason once in a while: strangers cause these.
    ///
    /// @param reason one of a fixed few
    void cut(String reason, Client client) {
        metrics.counter(CUT, reason).increment();
        long now = clock.nanos();
        Long before = lastSaid.get(reason);
        if (before == null || now - before > PAUSE_NANOS) {
            lastSaid.put(reason, now);
            LOG.info("a Redis client at {} is cut: {}", Addresses.text(client.from), reason);
        }
    }
}
