package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// What is put to `/logspec` on the operations port.
class LogSpecFuzzTest {
    /// Refused, or a spec whose text reads as itself and names no more loggers than allowed.
    @FuzzTest
    void logspec(byte[] input) throws LogSpec.BadSpec {
        LogSpec spec;
        try {
            spec = LogSpec.parse(new String(input, StandardCharsets.UTF_8));
        } catch (LogSpec.BadSpec refused) {
            assertThat(refused.getMessage()).startsWith("invalid logging specification");
            return;
        }
        assertThat(LogSpec.parse(spec.text())).isEqualTo(spec);
        assertThat(spec.loggers()).hasSizeLessThanOrEqualTo(LogSpec.LOGGERS_MAX);
        assertThat(spec.levels()).isEqualTo(LogSpec.parse(spec.text()).levels());
        assertThat(spec.rest()).isNotNull();
    }

    /// Not kept as an input: it would be longer than all others together.
    @Test
    void aNameOfManyPartsIsRefusedAndOverflowsNothing() {
        assertThatThrownBy(() -> LogSpec.parse("a" + ".a".repeat(200_000) + "=debug"))
                .isInstanceOf(LogSpec.BadSpec.class)
                .hasMessageContaining("bad logger name");
    }
}
