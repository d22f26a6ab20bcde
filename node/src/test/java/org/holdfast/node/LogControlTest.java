package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.logging.log4j.core.config.Configurator;
import org.holdfast.env.Metrics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The real logging system, with the node's own configuration file, as specs come and go.
class LogControlTest {
    private static final Logger RAFT = LoggerFactory.getLogger("org.holdfast.order.raft.Anything");
    private static final Logger LEDGER = LoggerFactory.getLogger("org.holdfast.ledger.Anything");
    private static final Logger NETTY = LoggerFactory.getLogger("io.netty.Anything");

    private final Metrics metrics = new Metrics();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PrintStream before = System.out;
    private LogControl log;

    @BeforeEach
    void take() throws Exception {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        Configurator.reconfigure(LogControl.class.getResource("/log4j2.xml").toURI());
        log = LogControl.take(metrics);
    }

    @AfterEach
    void giveBack() throws Exception {
        System.setOut(before);
        Configurator.reconfigure(
                LogControl.class.getResource("/log4j2-test.properties").toURI());
    }

    @Test
    void aSpecIsInForceAtOnceAndTheNextOneTakesItBack() throws LogSpec.BadSpec {
        assertThat(RAFT.isDebugEnabled()).isFalse();
        log.apply(LogSpec.parse("orderer.consensus.etcdraft=debug:error"));
        assertThat(RAFT.isDebugEnabled()).isTrue();
        assertThat(LEDGER.isWarnEnabled()).isFalse();
        assertThat(log.spec().text()).isEqualTo("orderer.consensus.etcdraft=debug:error");
        log.apply(LogSpec.DEFAULT);
        assertThat(RAFT.isDebugEnabled()).isFalse();
        assertThat(LEDGER.isInfoEnabled()).isTrue();
    }

    @Test
    void librariesStayQuietUnlessNamed() throws LogSpec.BadSpec {
        log.apply(LogSpec.parse("debug"));
        assertThat(LEDGER.isDebugEnabled()).isTrue();
        assertThat(NETTY.isInfoEnabled()).isFalse();
        log.apply(LogSpec.parse("io.netty=debug:error"));
        assertThat(NETTY.isDebugEnabled()).isTrue();
        log.apply(LogSpec.parse("fatal"));
        assertThat(NETTY.isErrorEnabled()).isFalse();
    }

    @Test
    void entriesAreCountedByLevel() {
        LEDGER.info("one");
        LEDGER.debug("not written");
        LEDGER.warn("two");
        assertThat(counted(LogControl.WRITTEN, "info")).isEqualTo(1);
        assertThat(counted(LogControl.WRITTEN, "debug")).isZero();
        assertThat(counted(LogControl.WRITTEN, "warn")).isEqualTo(1);
        assertThat(counted(LogControl.CHECKED, "debug")).isGreaterThanOrEqualTo(1);
    }

    @Test
    void theLineIsTheOneOperatorsRead() {
        LEDGER.warn("A thing happened");
        assertThat(written())
                .matches("warning\\|[0-9-]{10} \\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\|\\[Anything] A thing happened\\R");
    }

    @Test
    void jsonLinesAreJsonWhateverIsLogged() {
        assertThat(log.form("json")).isEqualTo(Optional.empty());
        LEDGER.warn("quote \" backslash \\ newline \n tab \t end", new IllegalStateException("why \"so\""));
        LEDGER.info("next");
        String[] lines = written().split("\\R");
        assertThat(lines).hasSize(2);
        JsonNode first = new JsonMapper().readTree(lines[0]);
        assertThat(first.path("level").asString()).isEqualTo("warning");
        assertThat(first.path("name").asString()).isEqualTo("org.holdfast.ledger.Anything");
        assertThat(first.path("msg").asString()).isEqualTo("quote \" backslash \\ newline \n tab \t end");
        assertThat(first.path("stack").asString()).contains("why \"so\"");
        assertThat(counted(LogControl.WRITTEN, "info")).isEqualTo(1);
    }

    @Test
    void aFormatThatIsNotOursIsAWarning() {
        assertThat(log.form("%{color}%{time} %{message}").orElseThrow()).contains("no effect");
    }

    private double counted(org.holdfast.env.Metric.Counter metric, String level) {
        return ((Metrics.Value.Single) metrics.counter(metric, level).value()).value();
    }

    private String written() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
