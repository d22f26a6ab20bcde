package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.holdfast.order.raft.RaftCluster.Member;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Leaders killed under load.
@Tag("slow")
class RaftCrashTest {
    private static final int KILLS = 12;

    @TempDir
    Path root;

    @Test
    void nothingAcknowledgedIsLostAndNothingIsReadTwice() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            cluster.members.forEach(member -> member.ask("load on"));
            List<Long> gaps = new ArrayList<>();
            for (int i = 0; i < KILLS; i++) {
                Member leader = cluster.leader();
                int before = leader.acked.size();
                await().atMost(Duration.ofSeconds(20)).until(() -> leader.acked.size() > before + 50);
                leader.kill();
                long killed = System.nanoTime();
                cluster.leader();
                gaps.add((System.nanoTime() - killed) / 1_000_000);
                leader.restart();
                leader.ask("load on");
            }
            cluster.members.forEach(member -> member.ask("load off"));
            long end = cluster.append("the end");
            cluster.members.forEach(member -> RaftCluster.hasRead(member, end));

            Map<Long, String> acked = new TreeMap<>();
            cluster.members.forEach(member -> acked.putAll(member.acked));
            Map<Long, String> log = cluster.members.getFirst().dump();
            assertThat(log).containsAllEntriesOf(acked);
            assertThat(log.values()).doesNotHaveDuplicates();
            for (Member member : cluster.members) {
                assertThat(member.dump()).isEqualTo(log);
                assertThat(member.saw("wrong")).isFalse();
            }
            Collections.sort(gaps);
            System.out.printf(
                    "%d leaders killed: %d acknowledged, 0 lost; new ready leader after %d..%d ms, median %d%n",
                    KILLS, acked.size(), gaps.getFirst(), gaps.getLast(), gaps.get(KILLS / 2));
        }
    }
}
