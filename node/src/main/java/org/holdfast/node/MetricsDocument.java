package org.holdfast.node;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.holdfast.env.Metric;
import org.holdfast.keyspace.KeyspaceFigures;
import org.holdfast.ledger.LedgerFigures;
import org.holdfast.order.OrderFigures;
import org.holdfast.order.raft.RaftFigures;
import org.holdfast.transport.TransportFigures;

/// `docs/metrics.md`, made from the declarations of all rooms.
final class MetricsDocument {
    /// Fabric's figures that are not here, and why.
    private static final Map<String, String> ABSENT = new TreeMap<>(Map.ofEntries(
            Map.entry(
                    "cluster_comm_egress_queue_capacity, _egress_queue_length, _egress_queue_workers",
                    "there is no queue for each channel to a member: records of all channels share one stream, and"
                            + " at most FLIGHTS_MAX of a channel are on it; see `holdfast_gate_flights`"),
            Map.entry(
                    "cluster_comm_egress_stream_count",
                    "one stream to each member serves all channels; see `cluster_comm_egress_tls_connection_count`"),
            Map.entry(
                    "cluster_comm_msg_dropped_count, cluster_comm_msg_send_time",
                    "no message is dropped: a record without an answer is sent again (`holdfast_gate_resends`); the"
                            + " engine's own messages are sent by its transport, which does not tell"),
            Map.entry("consensus_kafka_*, consensus_BFT_*", "these engines are not part of this version"),
            Map.entry(
                    "deliver_* with filtered=\"true\", data_type other than \"block\"",
                    "an orderer delivers whole blocks only, in Fabric too")));

    private MetricsDocument() {}

    /// Every figure that a node can show, by name.
    static List<Metric> all() {
        List<Metric> all = new ArrayList<>();
        all.addAll(TransportFigures.ALL);
        all.addAll(LedgerFigures.ALL);
        all.addAll(OrderFigures.ALL);
        all.addAll(RaftFigures.ALL);
        all.addAll(DoorFigures.ALL);
        all.addAll(KeyspaceFigures.ALL);
        all.addAll(org.holdfast.state.redis.DoorFigures.ALL);
        all.addAll(DigestWatch.ALL);
        all.addAll(NodeFigures.ALL);
        all.addAll(LogControl.ALL);
        all.add(Operations.REQUESTS);
        all.sort(Comparator.comparing(Metric::name));
        return all;
    }

    static String text() {
        StringBuilder text = new StringBuilder(HEAD);
        List<Metric> all = all();
        text.append("\n## Names that Fabric's orderer has too\n\n").append(TABLE_HEAD);
        all.stream().filter(metric -> !ours(metric)).forEach(metric -> row(metric, text));
        text.append("\n## Ours\n\n").append(TABLE_HEAD);
        all.stream().filter(MetricsDocument::ours).forEach(metric -> row(metric, text));
        text.append("\n## Fabric's that are absent\n\n| name | why |\n|---|---|\n");
        ABSENT.forEach((name, why) -> text.append("| `%s` | %s |\n".formatted(name, why)));
        return text.toString();
    }

    private static boolean ours(Metric metric) {
        return metric.name().startsWith("holdfast_") || metric.name().startsWith("redis_");
    }

    private static void row(Metric metric, StringBuilder text) {
        String type = switch (metric) {
            case Metric.Counter _ -> "counter";
            case Metric.Gauge _ -> "gauge";
            case Metric.Timing _ -> "histogram";
        };
        String labels = metric.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
        String statsd = StatsdLines.name(
                metric,
                metric.labels().stream().map(label -> "%{" + label + "}").toList());
        text.append("| `%s` | %s | %s | %s | %s | `%s` |\n"
                .formatted(metric.name(), type, labels, metric.unit(), metric.help(), statsd));
    }

    private static final String TABLE_HEAD =
            "| name | type | labels | unit | meaning | statsd name |\n|---|---|---|---|---|---|\n";

    private static final String HEAD = """
            # Metrics

            This file is made from the declarations in the code; a test (`MetricsDocumentTest`) fails when it is not
            up to date, and writes it anew when run with `-Dholdfast.write.docs=true`.

            `Metrics.Provider: prometheus` shows the figures at `/metrics` on the operations port, in Prometheus' text
            format 0.0.4. `statsd` sends them every `WriteInterval` to `Metrics.Statsd.Address`: the parts of the name
            and the values of the labels with dots between, `.`, `|`, `:`, `@` and blanks in a value as `_`. Counters
            go as what was added since the last sending, gauges as they stand, a histogram as one timing in
            milliseconds: the mean since the last sending, with a sample rate that says how many it stands for.
            `disabled` shows nothing and sends nothing.

            Buckets of histograms: 5, 10, 25, 50, 100, 250, 500 ms, 1, 2.5, 5, 10 s, and above. A name that came over
            the network never becomes a label: a channel that is not on the node, a header type or status without a
            name are counted as `unknown`. One metric has at most 2000 series; what comes after that is counted
            together, labelled `other`.
            """;
}
