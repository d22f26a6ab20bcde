package org.holdfast.node;

import java.util.List;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics.Reading;
import org.holdfast.env.Metrics.Sample;
import org.holdfast.env.Metrics.Value;

/// Figures in Prometheus' text exposition format 0.0.4 (prometheus.io, "Exposition formats"): HELP and TYPE, then a
/// line for each series; of durations one for each bucket, cumulative, then sum and count.
final class PrometheusText {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder out = new StringBuilder();

    private PrometheusText() {}

    static String of(List<Reading> readings) {
        PrometheusText text = new PrometheusText();
        readings.forEach(text::family);
        return text.out.toString();
    }

    private void family(Reading reading) {
        Metric metric = reading.metric();
        String type = switch (metric) {
            case Metric.Counter _ -> "counter";
            case Metric.Gauge _ -> "gauge";
            case Metric.Timing _ -> "histogram";
        };
        out.append("# HELP ").append(metric.name()).append(' ');
        escaped(metric.help(), false);
        out.append("\n# TYPE ").append(metric.name()).append(' ').append(type).append('\n');
        reading.samples().forEach(sample -> series(metric, sample));
    }

    private void series(Metric metric, Sample sample) {
        switch (sample.value()) {
            case Value.Single single -> line(metric, "", sample.labels(), "", number(single.value()));
            case Value.Distribution durations -> {
                long below = 0;
                for (int i = 0; i < durations.counts().size(); i++) {
                    below += durations.counts().get(i);
                    List<Double> bounds = Metric.Timing.BOUNDS;
                    String bound = i < bounds.size() ? number(bounds.get(i)) : "+Inf";
                    line(metric, "_bucket", sample.labels(), bound, String.valueOf(below));
                }
                line(metric, "_sum", sample.labels(), "", number(durations.sum()));
                line(metric, "_count", sample.labels(), "", String.valueOf(below));
            }
        }
    }

    private void line(Metric metric, String suffix, List<String> values, String bound, String value) {
        out.append(metric.name()).append(suffix);
        String separator = "{";
        for (int i = 0; i < values.size(); i++) {
            out.append(separator).append(metric.labels().get(i)).append("=\"");
            escaped(values.get(i), true);
            out.append('"');
            separator = ",";
        }
        if (!bound.isEmpty()) {
            out.append(separator).append("le=\"").append(bound).append('"');
            separator = ",";
        }
        out.append(separator.equals(",") ? "} " : " ").append(value).append('\n');
    }

    private void escaped(String text, boolean quoted) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '"' -> out.append(quoted ? "\\\"" : "\"");
                default -> out.append(c);
            }
        }
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }
}
