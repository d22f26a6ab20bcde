package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.holdfast.order.raft.RaftCluster.Member;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who leads, confirmed by Ratis on three processes: a leader that was deposed while it slept confirms nothing that
/// misses what the next one acknowledged.
@Tag("slow")
class RaftConfirmTest {
    @TempDir
    Path root;

    @Test
    void aLeaderConfirmsWhatIsCommittedAndNobodyElseDoes() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            for (int i = 0; i < 20; i++) {
                long index = cluster.append("entry " + i);
                assertThat(index(cluster.leader().ask("confirm"))).isGreaterThanOrEqualTo(index);
            }
            assertThat(cluster.followers()).allMatch(f -> f.ask("confirm").startsWith("refused NOT_LEADER"));
            System.out.println("one confirmation: " + cluster.leader().ask("confirms 2000"));
            List<Member> followers = cluster.followers();
            Member leader = cluster.leader();
            followers.forEach(Member::kill);
            // The lease may outlive the others for a tenth of a second; afterwards nobody is left to ask.
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> !leader.ask("confirm").startsWith("ok"));
            assertThat(leader.ask("confirm")).doesNotStartWith("ok");
        }
    }

    @Test
    void aLeaderThatSleptThroughAnElectionMissesNothing() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            for (int round = 0; round < 3; round++) {
                Asleep asleep = deposeAsleep(cluster, round);
                String answer = asleep.answer().join();
                if (answer.startsWith("ok")) {
                    assertThat(index(answer)).isGreaterThanOrEqualTo(asleep.acknowledged());
                }
                long after = cluster.append("after " + round);
                RaftCluster.hasRead(asleep.member(), after);
                assertThat(asleep.member().ask("confirm")).doesNotStartWith("failed");
            }
        }
    }

    @Test
    void withoutAskingItWouldMissWhatWasAcknowledged() {
        try (RaftCluster cluster = new RaftCluster(root)) {
            cluster.without = "askedLeadership";
            cluster.three();
            boolean missed = false;
            for (int round = 0; round < 10 && !missed; round++) {
                Asleep asleep = deposeAsleep(cluster, round);
                String answer = asleep.answer().join();
                missed = answer.startsWith("ok") && index(answer) < asleep.acknowledged();
                RaftCluster.hasRead(asleep.member(), cluster.append("after " + round));
            }
            assertThat(missed).isTrue();
        }
    }

    /// Puts the leader to sleep with a question in its ear, and has the others elect another one and acknowledge an
    /// entry before it wakes.
    private static Asleep deposeAsleep(RaftCluster cluster, int round) {
        Member leader = cluster.leader();
        RaftCluster.hasRead(leader, cluster.append("before " + round));
        leader.signal("STOP");
        CompletableFuture<String> answer = leader.send("confirm");
        long acknowledged = cluster.append("behind its back " + round);
        leader.signal("CONT");
        return new Asleep(leader, answer, acknowledged);
    }

    private record Asleep(Member member, CompletableFuture<String> answer, long acknowledged) {}

    private static long index(String answer) {
        assertThat(answer).startsWith("ok ");
        return Long.parseLong(answer.substring(3));
    }
}
