package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.hawkular.agent.prometheus.text.TextPrometheusMetricsProcessor;
import org.hawkular.agent.prometheus.types.Counter;
import org.hawkular.agent.prometheus.types.Gauge;
import org.hawkular.agent.prometheus.types.Histogram;
import org.hawkular.agent.prometheus.types.MetricFamily;
import org.hawkular.agent.prometheus.walkers.CollectorPrometheusMetricsWalker;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.junit.jupiter.api.Test;

/// What we write, another project's reader reads. Foreign oracle: the text parser of Hawkular's prometheus-scraper.
class PrometheusTextTest {
    private static final Metric.Counter COUNT =
            Metric.counter("things_count", "Things with a \\ and a \"quote\".", "things", "channel", "status");
    private static final Metric.Gauge LEVEL = Metric.gauge("level", "A level.", "1");
    private static final Metric.Timing TIME = Metric.timing("took", "A time.", "channel");

    private final Metrics metrics = new Metrics();

    @Test
    void aForeignReaderReadsWhatWeCounted() {
        metrics.counter(COUNT, "demo", "SUCCESS").add(12);
        metrics.counter(COUNT, "demo", "BAD_REQUEST").add(1);
        metrics.gauge(LEVEL).set(-3);
        metrics.timing(TIME, "demo").observe(7_000_000);
        metrics.timing(TIME, "demo").observe(700_000_000);
        metrics.timing(TIME, "demo").observe(70_000_000_000L);
        Map<String, MetricFamily> read = read();
        assertThat(read).containsOnlyKeys("things_count", "level", "took");
        assertThat(series(read, "things_count"))
                .extracting(series -> series.getLabels().get("status"), series -> ((Counter) series).getValue())
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("SUCCESS", 12.0),
                        org.assertj.core.groups.Tuple.tuple("BAD_REQUEST", 1.0));
        assertThat(((Gauge) series(read, "level").getFirst()).getValue()).isEqualTo(-3);
        Histogram took = (Histogram) series(read, "took").getFirst();
        assertThat(took.getSampleCount()).isEqualTo(3);
        assertThat(took.getSampleSum()).isEqualTo(70.707);
        assertThat(took.getBuckets())
                .extracting(Histogram.Bucket::getUpperBound)
                .startsWith(0.005, 0.01)
                .endsWith(10.0, Double.POSITIVE_INFINITY);
        assertThat(took.getBuckets())
                .extracting(Histogram.Bucket::getCumulativeCount)
                .containsExactly(0L, 1L, 1L, 1L, 1L, 1L, 1L, 2L, 2L, 2L, 2L, 3L);
    }

    @Test
    void noLabelValueEndsALineOrAddsASeries() {
        List<String> hostile = List.of("\"} 1\nfake 2", "\\", "a\\\"b", "new\nline", "{},=", "ünïcode ☃");
        for (String value : hostile) {
            metrics.counter(COUNT, value, "SUCCESS").increment();
        }
        assertThat(PrometheusText.of(metrics.read()).lines()).hasSize(2 + hostile.size());
        Map<String, MetricFamily> read = read();
        assertThat(read).containsOnlyKeys("things_count");
        assertThat(series(read, "things_count"))
                .extracting(series -> series.getLabels().get("channel"))
                .containsExactlyInAnyOrderElementsOf(hostile);
    }

    @Test
    void everyDeclaredFigureCanBeRead() {
        for (Metric metric : MetricsDocument.all()) {
            String[] labels = metric.labels().toArray(String[]::new);
            switch (metric) {
                case Metric.Counter counter -> metrics.counter(counter, labels).increment();
                case Metric.Gauge gauge -> metrics.gauge(gauge, labels).set(1);
                case Metric.Timing timing -> metrics.timing(timing, labels).observe(1);
            }
        }
        assertThat(read())
                .containsOnlyKeys(
                        MetricsDocument.all().stream().map(Metric::name).toArray(String[]::new));
    }

    private static List<org.hawkular.agent.prometheus.types.Metric> series(
            Map<String, MetricFamily> read, String name) {
        return Objects.requireNonNull(read.get(name)).getMetrics();
    }

    private Map<String, MetricFamily> read() {
        CollectorPrometheusMetricsWalker walker = new CollectorPrometheusMetricsWalker();
        byte[] text = PrometheusText.of(metrics.read()).getBytes(StandardCharsets.UTF_8);
        new TextPrometheusMetricsProcessor(new ByteArrayInputStream(text), walker).walk();
        return walker.getAllMetricFamilies().stream()
                .collect(Collectors.toMap(MetricFamily::getName, family -> family));
    }
}
