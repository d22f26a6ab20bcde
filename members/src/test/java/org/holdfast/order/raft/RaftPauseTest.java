package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.order.raft.RaftCluster.Member;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A leader stopped for ninety seconds, while the others forget what it has not read.
@Tag("slow")
class RaftPauseTest {
    @TempDir
    Path root;

    @Test
    void aLeaderPausedForNinetySecondsCatchesUpPastThePurgedLog() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            long before = cluster.append("before");
            Member paused = cluster.leader();
            String server = paused.ask("server");
            cluster.members.forEach(member -> RaftCluster.hasRead(member, before));
            assertThat(paused.ask("holdpull")).isEqualTo("ok");
            paused.signal("STOP");
            long stopped = System.nanoTime();
            Member next = cluster.leader();
            System.out.printf("leader stopped: next one after %d ms%n", (System.nanoTime() - stopped) / 1_000_000);
            long last = 0;
            for (int i = 0; i < 12; i++) {
                String answer = next.ask("size 1000000");
                assertThat(answer).startsWith("ok");
                last = Long.parseLong(answer.substring(3));
            }
            long durable = last;
            String term = next.lastTerm();
            for (Member member : cluster.members) {
                if (member != paused) {
                    RaftCluster.hasRead(member, durable);
                    member.ask("forget " + durable);
                    await().atMost(Duration.ofSeconds(20))
                            .until(() -> !member.ask("files").contains("log_0-"));
                }
            }
            await().pollDelay(Duration.ofSeconds(90).minusNanos(System.nanoTime() - stopped))
                    .atMost(Duration.ofSeconds(120))
                    .until(() -> true);
            paused.signal("CONT");
            assertThat(paused.ask("pulled " + term + " " + durable)).isEqualTo("ok");
            long after = cluster.append("after the pause");
            RaftCluster.hasRead(paused, after);
            assertThat(paused.saw("catchUp")).isTrue();
            assertThat(paused.saw("wrong")).isFalse();
            assertThat(paused.ask("server")).isEqualTo(server);
        }
    }

    @Test
    void withoutPauseToleranceTheServerClosesAndIsBuiltAnew() {
        try (RaftCluster cluster = new RaftCluster(root)) {
            cluster.without = "pauseTolerance";
            cluster.three();
            RaftCluster.hasRead(cluster.followers().getFirst(), cluster.append("before"));
            Member paused = cluster.followers().getFirst();
            String server = paused.ask("server");
            paused.signal("STOP");
            long stopped = System.nanoTime();
            await().pollDelay(Duration.ofSeconds(12).minusNanos(System.nanoTime() - stopped))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> true);
            paused.signal("CONT");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !paused.ask("server").equals(server));
            RaftCluster.hasRead(paused, cluster.append("after the pause"));
            assertThat(paused.saw("wrong")).isFalse();
        }
    }
}
