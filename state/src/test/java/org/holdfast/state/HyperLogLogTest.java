package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Estimates stay within four standard errors, and errors read as Redis' do (oracle: a real redis-server).
class HyperLogLogTest {
    private static final double STANDARD_ERROR_PERCENT = 0.8125;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 10, 100, 1_000, 10_000, 40_000, 100_000, 1_000_000})
    void estimatesAreClose(int count) {
        HyperLogLog log = new HyperLogLog();
        for (int i = 0; i < count; i++) {
            log.add(("element " + i).getBytes(StandardCharsets.UTF_8));
        }
        assertThat((double) log.count())
                .isCloseTo(count, Percentage.withPercentage(count <= 10 ? 0.01 : 4 * STANDARD_ERROR_PERCENT));
        assertThat(HyperLogLog.decode(log.encode())).isEqualTo(log);
    }

    @Test
    void aUnionCountsWhatBothHaveOnce(@TempDir Path directory) throws IOException {
        try (StateRig rig = StateRig.open(directory, 1);
                RedisServer redis = RedisServer.start()) {
            String[][] commands = {
                {"PFADD", "a", "x", "y", "z"},
                {"PFADD", "a", "x"},
                {"PFADD", "b", "z", "w"},
                {"PFADD", "empty"},
                {"PFADD", "empty"},
                {"PFCOUNT", "a", "b", "none"},
                {"PFMERGE", "c", "a", "b"},
                {"PFCOUNT", "c"},
                {"PFMERGE", "new"},
                {"PFCOUNT", "new"},
                {"TYPE", "c"},
                {"OBJECT", "ENCODING", "c"},
                {"SET", "plain", "text"},
                {"PFADD", "plain", "x"},
                {"PFCOUNT", "plain"},
                {"PFMERGE", "c", "plain"},
                {"PFCOUNT"},
            };
            for (String[] command : commands) {
                assertThat(rig.ask(command)).as(String.join(" ", command)).isEqualTo(redis.ask(command));
            }
        }
    }
}
