package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.logging.log4j.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Specs are read and shown as Fabric's operators write them; what cannot be meant is refused with the place.
class LogSpecTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "info > info",
                "DEBUG > debug",
                "'' > info",
                "warning > warn",
                "gossip=warning:msp,policies=debug:error > gossip=warn:msp=debug:policies=debug:error",
                "orderer.consensus.etcdraft=debug > orderer.consensus.etcdraft=debug:info",
                "a=debug:a=error:warn > a=error:warn",
                "debug:warn > warn",
                "a.b.=fatal > a.b.=fatal:info",
                "notice:x=critical > x=error:info",
                "p=panic:d=DPANIC > d=dpanic:p=panic:info",
            })
    void isShownInOneForm(String given, String shown) throws LogSpec.BadSpec {
        assertThat(LogSpec.parse(given).text()).isEqualTo(shown);
        assertThat(LogSpec.parse(shown).text()).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "loud",
                "a=b=debug",
                "=debug",
                "a=",
                "a=loud",
                "a,,b=debug",
                "a b=debug",
                ".=debug",
                "a..b=info",
                "info;debug",
                "a=debug,b=info"
            })
    void whatCannotBeMeantIsRefused(String spec) {
        assertThatThrownBy(() -> LogSpec.parse(spec))
                .isInstanceOf(LogSpec.BadSpec.class)
                .hasMessageContaining("invalid logging specification '" + spec + "'");
    }

    @Test
    void namesWithoutEndAreRefused() {
        StringBuilder spec = new StringBuilder("a");
        for (int i = 0; i <= LogSpec.LOGGERS_MAX; i++) {
            spec.append(",logger").append(i);
        }
        assertThatThrownBy(() -> LogSpec.parse(spec + "=debug")).hasMessageContaining("at most");
    }

    @Test
    void fabricsNamesMeanOurLoggers() throws LogSpec.BadSpec {
        LogSpec spec = LogSpec.parse("orderer.consensus=warn:orderer.consensus.etcdraft=debug:order.raft=error"
                + ":msp=debug:org.apache.ratis.server=debug:unheard.of=fatal:error");
        assertThat(spec.levels())
                .isEqualTo(Map.of(
                        "org.holdfast.order", Level.DEBUG,
                        "org.apache.ratis", Level.DEBUG,
                        "org.holdfast.order.raft", Level.ERROR,
                        "org.holdfast.identity", Level.DEBUG,
                        "org.apache.ratis.server", Level.DEBUG,
                        "unheard.of", Level.FATAL));
        assertThat(spec.rest()).isEqualTo(Level.ERROR);
    }

    @Test
    void aNameBelowAFabricNameMeansTheSame() {
        assertThat(LogSpec.ours("common.deliver.anything")).isEqualTo(LogSpec.ours("common.deliver"));
        assertThat(LogSpec.ours("orderer.unheard")).containsExactly("org.holdfast");
        assertThat(LogSpec.ours("transport")).containsExactly("org.holdfast.transport");
    }

    @Test
    void theDocumentHasTheSameTable() throws IOException {
        String document = Files.readString(Path.of("..", "docs", "operating.md"));
        List<String> rows = LogSpec.FABRIC_NAMES.entrySet().stream()
                .map(entry -> "| `%s` | %s |"
                        .formatted(
                                entry.getKey(),
                                entry.getValue().stream()
                                        .map(logger -> "`" + logger + "`")
                                        .collect(Collectors.joining(", "))))
                .sorted()
                .toList();
        assertThat(document.lines().filter(rows::contains)).containsExactlyInAnyOrderElementsOf(rows);
    }
}
