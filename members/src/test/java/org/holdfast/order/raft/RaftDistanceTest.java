package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.holdfast.order.raft.RaftCluster.Member;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Members 20 ms apart. The distance is made by a proxy before each listener: the kernel's `netem` is not there on
/// every machine.
@Tag("slow")
class RaftDistanceTest {
    private static final long ONE_WAY_MILLIS = 10;

    @TempDir
    Path root;

    @Test
    void membersTwentyMillisecondsApartKeepTheirLeader() {
        try (RaftCluster cluster = new RaftCluster(root).apart(ONE_WAY_MILLIS).three()) {
            Member leader = cluster.leader();
            String term = leader.lastTerm();
            List<Long> micros = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                long began = System.nanoTime();
                assertThat(leader.ask("append " + i)).startsWith("ok");
                micros.add((System.nanoTime() - began) / 1000);
            }
            Collections.sort(micros);
            System.out.printf(
                    "20 ms apart: append p50 %d us, p90 %d us, max %d us%n",
                    micros.get(50), micros.get(90), micros.getLast());
            assertThat(micros.get(50)).as("the distance is there").isGreaterThanOrEqualTo(2 * ONE_WAY_MILLIS * 1000);
            assertThat(micros.get(50)).as("a few round trips").isLessThan(8 * 2 * ONE_WAY_MILLIS * 1000);
            assertThat(leader.lastTerm()).isEqualTo(term);
        }
    }
}
