package org.holdfast.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics.Reading;
import org.holdfast.env.Metrics.Sample;
import org.holdfast.env.Metrics.Value;

/// Figures as statsd lines, named as Fabric names them: the parts of the name and then the values of the labels, with
/// dots between (`broadcast.processed_count.demo.ENDORSER_TRANSACTION.SUCCESS`). What would end a name or a line in a
/// label's value (`. | :` and blanks) becomes `_`.
///
/// Counters are sent as what was added since the last time, gauges as they stand. Durations are sent as one timing, ms:
/// the mean since the last time, with a sample rate that says how many it stands for. Owned by one thread.
final class StatsdLines {
    private static final List<String> PREFIXES =
            List.of("consensus_etcdraft_", "grpc_comm_", "grpc_server_", "cluster_comm_");
    private static final String WHOLE = "fabric_version";

    private final String prefix;
    private Map<String, Double> sent = new HashMap<>();
    private Map<String, Double> next = new HashMap<>();

    /// @param prefix before every name, with a dot after it; may be empty
    StatsdLines(String prefix) {
        this.prefix = prefix.isEmpty() ? "" : prefix + ".";
    }

    /// The lines for what changed since the last time that [#taken] was called.
    List<String> of(List<Reading> readings) {
        next = new HashMap<>();
        List<String> lines = new ArrayList<>();
        for (Reading reading : readings) {
            for (Sample sample : reading.samples()) {
                series(reading.metric(), sample, lines);
            }
        }
        return lines;
    }

    /// The lines last made were sent.
    void taken() {
        sent = next;
    }

    private void series(Metric metric, Sample sample, List<String> lines) {
        String name = prefix + name(metric, sample.labels());
        switch (sample.value()) {
            case Value.Single single
            when metric instanceof Metric.Counter -> {
                double added = since(name, single.value());
                if (added > 0) {
                    lines.add(name + ":" + plain(added) + "|c");
                }
            }
            case Value.Single single -> {
                if (Double.isFinite(single.value())) {
                    lines.add(name + ":" + plain(single.value()) + "|g");
                }
            }
            case Value.Distribution durations -> {
                double count = since(name, (double) durations.count());
                double seconds = since(name + "/sum", durations.sum());
                if (count > 0) {
                    lines.add("%s:%s|ms%s".formatted(name, plain(1000 * seconds / count), rate(count)));
                }
            }
        }
    }

    private double since(String series, double value) {
        next.put(series, value);
        return value - sent.getOrDefault(series, 0.0);
    }

    private static String rate(double count) {
        return count == 1 ? "" : "|@" + plain(1 / count);
    }

    private static String plain(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return String.valueOf((long) value);
        }
        return String.format(Locale.ROOT, "%.9f", value).replaceAll("0+$", "");
    }

    /// The name of a series.
    static String name(Metric metric, List<String> labels) {
        StringBuilder name = new StringBuilder(dotted(metric.name()));
        for (String label : labels) {
            name.append('.').append(label.replaceAll("[.|:@\\s\\p{Cntrl}]", "_"));
        }
        return name.toString();
    }

    private static String dotted(String name) {
        if (name.equals(WHOLE)) {
            return name;
        }
        for (String known : PREFIXES) {
            if (name.startsWith(known)) {
                return known.replace('_', '.') + name.substring(known.length());
            }
        }
        return name.replaceFirst("_", ".");
    }
}
