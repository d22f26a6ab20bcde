package org.holdfast.env;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.Function;

/// The figures of one process. A room asks once for each series (a metric with certain values of its labels), keeps the
/// answer and counts on it: counting takes no lock and allocates nothing.
///
/// A metric has at most [#SERIES_MAX] series. What comes after that is counted together in one series whose labels are
/// all [#OTHER]: whoever names things over the network cannot make this node grow. Thread-safe.
public final class Metrics {
    /// Series of one metric, beyond which new ones are counted as one.
    public static final int SERIES_MAX = 2000;

    /// Label value of the series that stands for all those beyond the limit.
    public static final String OTHER = "other";

    private static final int BUCKETS = Metric.Timing.BOUNDS.size();

    private final Map<Metric, Family> families = new ConcurrentHashMap<>();
    private final List<Runnable> looks = new CopyOnWriteArrayList<>();

    /// A growing number.
    public static final class Counter implements Series {
        private final LongAdder sum = new LongAdder();

        private Counter() {}

        /// One more.
        public void increment() {
            sum.increment();
        }

        /// Some more.
        public void add(long count) {
            sum.add(count);
        }

        @Override
        public Value value() {
            return new Value.Single(sum.sum());
        }
    }

    /// A number that goes up and down.
    public static final class Gauge implements Series {
        private final AtomicLong now = new AtomicLong();

        private Gauge() {}

        public void set(long value) {
            now.set(value);
        }

        /// More, or less if negative.
        public void add(long difference) {
            now.addAndGet(difference);
        }

        @Override
        public Value value() {
            return new Value.Single(now.get());
        }
    }

    /// Durations.
    public static final class Timing implements Series {
        private static final long[] BOUND_NANOS = Metric.Timing.BOUNDS.stream()
                .mapToLong(seconds -> Math.round(seconds * 1e9))
                .toArray();

        private final LongAdder[] buckets = new LongAdder[BUCKETS + 1];
        private final LongAdder nanos = new LongAdder();

        private Timing() {
            for (int i = 0; i < buckets.length; i++) {
                buckets[i] = new LongAdder();
            }
        }

        /// Counts one duration, ns. A negative one counts as 0.
        public void observe(long duration) {
            int bucket = 0;
            while (bucket < BUCKETS && duration > BOUND_NANOS[bucket]) {
                bucket++;
            }
            buckets[bucket].increment();
            nanos.add(Math.max(0, duration));
        }

        @Override
        public Value value() {
            List<Long> counts = new ArrayList<>();
            for (LongAdder bucket : buckets) {
                counts.add(bucket.sum());
            }
            return new Value.Distribution(counts, nanos.sum() / 1e9);
        }
    }

    /// What a series stands at.
    public sealed interface Value {
        record Single(double value) implements Value {}

        /// @param counts durations in each bucket of [Metric.Timing#BOUNDS] and, last, above them; not cumulative
        /// @param sum of all durations, seconds
        record Distribution(List<Long> counts, double sum) implements Value {
            /// All durations.
            public long count() {
                return counts.stream().mapToLong(Long::longValue).sum();
            }
        }
    }

    /// One series at one moment.
    ///
    /// @param labels values, in the order of the metric's labels
    public record Sample(List<String> labels, Value value) {}

    /// A metric with its series at one moment.
    public record Reading(Metric metric, List<Sample> samples) {}

    /// A watched number, until it is taken away.
    public interface Watch extends AutoCloseable {
        /// Takes the series away. Nothing happens if another watch has taken its place.
        @Override
        void close();
    }

    /// One series, which knows what it stands at.
    public sealed interface Series {
        Value value();
    }

    /// Looked up when the figures are read.
    private record Watched(DoubleSupplier source) implements Series {
        @Override
        public Value value() {
            try {
                return new Value.Single(source.getAsDouble());
            } catch (RuntimeException e) { // boundary: one source that fails must not hide all other figures
                return new Value.Single(Double.NaN);
            }
        }
    }

    private static final class Family {
        private final Map<List<String>, Series> series = new ConcurrentHashMap<>();
        private final AtomicInteger count = new AtomicInteger();
    }

    /// The series with these label values.
    public Counter counter(Metric.Counter metric, String... labels) {
        return series(metric, labels, _ -> new Counter(), Counter.class);
    }

    /// The series with these label values; 0 at first.
    public Gauge gauge(Metric.Gauge metric, String... labels) {
        return series(metric, labels, _ -> new Gauge(), Gauge.class);
    }

    /// The series with these label values.
    public Timing timing(Metric.Timing metric, String... labels) {
        return series(metric, labels, _ -> new Timing(), Timing.class);
    }

    /// Has a number looked up whenever the figures are read: on the thread that reads them, so it must not block. Takes
    /// the place of an earlier watch of the same series.
    public Watch watch(Metric.Gauge metric, DoubleSupplier source, String... labels) {
        List<String> key = key(metric, labels);
        Family family = families.computeIfAbsent(metric, _ -> new Family());
        Watched watched = new Watched(source);
        if (!family.series.containsKey(key) && family.count.get() >= SERIES_MAX) {
            return () -> {};
        }
        if (family.series.put(key, watched) == null) {
            family.count.incrementAndGet();
        }
        return () -> {
            if (family.series.remove(key, watched)) {
                family.count.decrementAndGet();
            }
        };
    }

    /// Has something done before the figures are read: to begin watching what came up since.
    public Watch beforeReading(Runnable look) {
        looks.add(look);
        return () -> looks.remove(look);
    }

    /// Everything counted so far, in the order of the names and label values.
    public List<Reading> read() {
        looks.forEach(Runnable::run);
        List<Reading> readings = new ArrayList<>();
        families.forEach((metric, family) -> {
            List<Sample> samples = new ArrayList<>();
            family.series.forEach((labels, series) -> samples.add(new Sample(labels, series.value())));
            samples.sort(Comparator.comparing(sample -> String.join("\0", sample.labels())));
            if (!samples.isEmpty()) {
                readings.add(new Reading(metric, samples));
            }
        });
        readings.sort(Comparator.comparing(reading -> reading.metric().name()));
        return readings;
    }

    private <S extends Series> S series(Metric metric, String[] labels, Function<List<String>, S> make, Class<S> type) {
        List<String> key = key(metric, labels);
        Family family = families.computeIfAbsent(metric, _ -> new Family());
        Series known = family.series.get(key);
        if (known == null) {
            boolean room = family.count.get() < SERIES_MAX;
            List<String> place = room ? key : key.stream().map(_ -> OTHER).toList();
            known = family.series.computeIfAbsent(place, labelled -> {
                family.count.incrementAndGet();
                return make.apply(labelled);
            });
        }
        Invariant.check(type.isInstance(known), "metric %s is watched, not counted", metric.name());
        return type.cast(known);
    }

    private static List<String> key(Metric metric, String[] labels) {
        Invariant.check(
                labels.length == metric.labels().size(),
                "metric %s has labels %s, given are %d values",
                metric.name(),
                metric.labels(),
                labels.length);
        return List.of(labels);
    }
}
