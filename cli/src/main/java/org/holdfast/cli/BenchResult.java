package org.holdfast.cli;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// What was measured; the shape of `--json`.
///
/// @param cpuMicrosPerTx CPU time of each process over the whole run, by delivered envelope
/// @param failed refused, or lost with their stream
/// @param missing acknowledged and not seen in a block before the reader gave up
@JsonPropertyOrder({
    "payloadBytes",
    "envelopeBytes",
    "nodes",
    "streams",
    "window",
    "ratePerSecond",
    "diskDelayMs",
    "seconds",
    "deliveredPerSecond",
    "acknowledgedPerSecond",
    "ackMs",
    "deliverMs",
    "envelopesPerBlock",
    "cpuMicrosPerTx",
    "failed",
    "missing"
})
record BenchResult(
        int payloadBytes,
        int envelopeBytes,
        int nodes,
        int streams,
        int window,
        int ratePerSecond,
        double diskDelayMs,
        double seconds,
        double deliveredPerSecond,
        double acknowledgedPerSecond,
        Latency ackMs,
        Latency deliverMs,
        double envelopesPerBlock,
        Map<String, Double> cpuMicrosPerTx,
        int failed,
        int missing) {

    /// Milliseconds.
    record Latency(double p50, double p99, double max) {
        /// @param micros recorded values
        static Latency of(Histogram micros) {
            return new Latency(
                    millis(micros.getValueAtPercentile(50)),
                    millis(micros.getValueAtPercentile(99)),
                    millis(micros.getMaxValue()));
        }

        private static double millis(long micros) {
            return micros / (double) TimeUnit.MILLISECONDS.toMicros(1);
        }

        private String text() {
            return String.format(Locale.ROOT, "p50 %.1f ms, p99 %.1f ms, max %.1f ms", p50, p99, max);
        }
    }

    /// Lines for a person.
    List<String> text() {
        List<String> lines = new ArrayList<>();
        lines.add(form("delivered      %.0f tx/s (%.0f in a block)", deliveredPerSecond, envelopesPerBlock));
        lines.add(form("acknowledged   %.0f tx/s", acknowledgedPerSecond));
        lines.add("acknowledged   " + ackMs.text());
        lines.add("delivered      " + deliverMs.text());
        cpuMicrosPerTx.forEach((process, micros) -> lines.add(form("cpu %-10s %.1f us/tx", process, micros)));
        lines.add(form(
                "%d B payload, %d B envelopes, %d nodes, %d streams, window %d, %s, %.1f s",
                payloadBytes,
                envelopeBytes,
                nodes,
                streams,
                window,
                ratePerSecond == 0 ? "closed loop" : ratePerSecond + "/s",
                seconds));
        if (diskDelayMs > 0) {
            lines.add(form("every force of a node's disk took %.1f ms longer", diskDelayMs));
        }
        if (failed > 0 || missing > 0) {
            lines.add("%d failed, %d acknowledged and not seen in a block".formatted(failed, missing));
        }
        return lines;
    }

    @FormatMethod
    private static String form(@FormatString String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
