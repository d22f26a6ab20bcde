package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.order.raft.RaftEngineSettings.Listener;
import org.holdfast.order.raft.RaftEngineSettings.Sizes;
import org.holdfast.wire.MemberId;
import org.junit.jupiter.api.Test;

class RaftEngineSettingsTest {
    @Test
    void allFaultsAreToldAtOnce() {
        assertThatThrownBy(() -> new RaftEngineSettings(
                        Path.of("raft"),
                        new MemberId("00112233445566aa", 1),
                        new Listener("", "", 70_000),
                        Duration.ofMillis(10),
                        new Sizes(10, 10, 1),
                        Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "electionMin", "port", "bind host", "record limit", "segment size", "free space", "membership");
    }
}
