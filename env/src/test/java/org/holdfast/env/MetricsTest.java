package org.holdfast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// What is counted is read back, once, and nobody can make the number of series grow without end.
class MetricsTest {
    private static final Metric.Counter COUNT = Metric.counter("things_count", "Things.", "things", "channel");
    private static final Metric.Gauge LEVEL = Metric.gauge("level", "A level.", "1", "channel");
    private static final Metric.Timing TIME = Metric.timing("time", "A time.");

    private final Metrics metrics = new Metrics();

    @Test
    void countsFromManyThreadsAddUp() throws InterruptedException {
        Metrics.Counter counter = metrics.counter(COUNT, "a");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(World.real()
                    .start("count", () -> LongStream.range(0, 100_000).forEach(_ -> counter.increment())));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        counter.add(5);
        assertThat(number("things_count")).isEqualTo(400_005);
    }

    @Test
    void theSameLabelsAreTheSameSeries() {
        assertThat(metrics.counter(COUNT, "a")).isSameAs(metrics.counter(COUNT, "a"));
        assertThat(metrics.counter(COUNT, "a")).isNotSameAs(metrics.counter(COUNT, "b"));
        assertThatThrownBy(() -> metrics.counter(COUNT)).isInstanceOf(Invariant.class);
        assertThatThrownBy(() -> metrics.counter(COUNT, "a", "b")).isInstanceOf(Invariant.class);
    }

    @Test
    void durationsFallIntoTheirBuckets() {
        Metrics.Timing timing = metrics.timing(TIME);
        timing.observe(5_000_000);
        timing.observe(5_000_001);
        timing.observe(-7);
        timing.observe(3_600_000_000_000L);
        Metrics.Value.Distribution read = (Metrics.Value.Distribution)
                metrics.read().getFirst().samples().getFirst().value();
        assertThat(read.counts()).startsWith(2L, 1L, 0L).endsWith(1L).hasSize(12);
        assertThat(read.count()).isEqualTo(4);
        assertThat(read.sum()).isEqualTo(3600.010000001);
    }

    @Test
    void seriesBeyondTheLimitAreCountedTogether() {
        for (int i = 0; i < Metrics.SERIES_MAX + 500; i++) {
            metrics.counter(COUNT, "channel-" + i).increment();
        }
        List<Metrics.Sample> samples = metrics.read().getFirst().samples();
        assertThat(samples).hasSize(Metrics.SERIES_MAX + 1);
        assertThat(samples)
                .filteredOn(sample -> sample.labels().equals(List.of(Metrics.OTHER)))
                .extracting(Metrics.Sample::value)
                .containsExactly(new Metrics.Value.Single(500));
    }

    @Test
    void aWatchIsReadWhenAskedAndOnlyItsOwnerTakesItAway() {
        double[] level = {1};
        Metrics.Watch first = metrics.watch(LEVEL, () -> level[0], "a");
        level[0] = 2.5;
        assertThat(number("level")).isEqualTo(2.5);
        Metrics.Watch second = metrics.watch(LEVEL, () -> 7, "a");
        first.close();
        assertThat(number("level")).isEqualTo(7);
        second.close();
        assertThat(metrics.read()).isEmpty();
    }

    @Test
    void whatCameUpIsWatchedFromTheFirstReadingOn() {
        Metrics.Watch look = metrics.beforeReading(() -> metrics.watch(LEVEL, () -> 4, "a"));
        assertThat(number("level")).isEqualTo(4);
        look.close();
    }

    @Test
    void aWatchThatFailsHidesNothingElse() {
        metrics.watch(
                LEVEL,
                () -> {
                    throw new IllegalStateException("gone");
                },
                "a");
        metrics.watch(LEVEL, () -> 3, "b");
        assertThat(metrics.read().getFirst().samples())
                .extracting(Metrics.Sample::value)
                .containsExactly(new Metrics.Value.Single(Double.NaN), new Metrics.Value.Single(3));
    }

    @Test
    void aNameThatPrometheusWouldRefuseIsRefused() {
        assertThatThrownBy(() -> Metric.gauge("a-b", "Help.", "1")).isInstanceOf(Invariant.class);
        assertThatThrownBy(() -> Metric.gauge("ab", "Help.", "1", "0x")).isInstanceOf(Invariant.class);
        assertThatThrownBy(() -> Metric.gauge("ab", "two\nlines", "1")).isInstanceOf(Invariant.class);
    }

    @Test
    void eachRealWorldHasItsOwnFigures() {
        World one = World.real();
        one.metrics().counter(COUNT, "a").increment();
        assertThat(World.real().metrics().read()).isEmpty();
        assertThat(one.metrics().read()).hasSize(1);
    }

    private double number(String name) {
        return metrics.read().stream()
                .filter(reading -> reading.metric().name().equals(name))
                .map(reading ->
                        (Metrics.Value.Single) reading.samples().getFirst().value())
                .findFirst()
                .orElseThrow()
                .value();
    }
}
