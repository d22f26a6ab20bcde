package org.holdfast.env;

import java.util.List;
import java.util.regex.Pattern;

/// The declaration of a figure that a node counts: one constant for each, from which the documents are made too.
///
/// Names and label names are letters, digits and underscores, as Prometheus wants them
/// (`[a-zA-Z_][a-zA-Z0-9_]*`). Values of labels may be any text; see [Metrics] for how many there may be.
public sealed interface Metric {
    String name();

    /// One sentence: what is counted.
    String help();

    /// What one step of the value means: `envelopes`, `s`, `bytes`; `1` where there is no unit.
    String unit();

    /// Names of the labels, in the order in which their values are given.
    List<String> labels();

    /// A number that only grows while the process runs.
    record Counter(String name, String help, String unit, List<String> labels) implements Metric {
        public Counter {
            labels = checked(name, help, labels);
        }
    }

    /// A number that goes up and down.
    record Gauge(String name, String help, String unit, List<String> labels) implements Metric {
        public Gauge {
            labels = checked(name, help, labels);
        }
    }

    /// Durations, counted in buckets ([Timing#BOUNDS]).
    record Timing(String name, String help, List<String> labels) implements Metric {
        /// Upper bounds of the buckets, seconds, as Prometheus' client libraries choose them by default. There is one
        /// more bucket above.
        public static final List<Double> BOUNDS =
                List.of(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0);

        public Timing {
            labels = checked(name, help, labels);
        }

        @Override
        public String unit() {
            return "s";
        }
    }

    /// Declares a [Counter].
    static Counter counter(String name, String help, String unit, String... labels) {
        return new Counter(name, help, unit, List.of(labels));
    }

    /// Declares a [Gauge].
    static Gauge gauge(String name, String help, String unit, String... labels) {
        return new Gauge(name, help, unit, List.of(labels));
    }

    /// Declares a [Timing].
    static Timing timing(String name, String help, String... labels) {
        return new Timing(name, help, List.of(labels));
    }

    private static List<String> checked(String name, String help, List<String> labels) {
        Pattern word = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");
        Invariant.check(word.matcher(name).matches(), "'%s' is no name of a metric", name);
        Invariant.check(!help.isBlank() && help.indexOf('\n') < 0, "metric %s: its help is one line", name);
        labels.forEach(label -> Invariant.check(word.matcher(label).matches(), "metric %s: label '%s'", name, label));
        return List.copyOf(labels);
    }
}
