package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.order.OrderedLog;
import org.holdfast.order.raft.RaftCluster.Member;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Three members in processes of their own: the plain life of the log.
@Tag("slow")
class RaftThreeTest {
    @TempDir
    Path root;

    @Test
    void whatIsAppendedIsReadByAllInTheSameOrder() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            long last = 0;
            for (int i = 0; i < 50; i++) {
                last = cluster.append("record " + i);
            }
            Member leader = cluster.leader();
            long end = last;
            cluster.members.forEach(member -> RaftCluster.hasRead(member, end));
            assertThat(leader.dump()).hasSize(50).containsValue("record 0").containsValue("record 49");
            for (Member member : cluster.members) {
                assertThat(member.dump()).isEqualTo(leader.dump());
                assertThat(member.saw("wrong")).isFalse();
            }
            Member follower = cluster.followers().getFirst();
            assertThat(follower.ask("append nobody hears this")).startsWith("refused NOT_LEADER");
            assertThat(leader.ask("members")).isEqualTo(follower.ask("members"));

            assertThat(leader.ask("transfer " + follower.id())).isEqualTo("ok");
            await().atMost(Duration.ofSeconds(10)).until(() -> cluster.leader() == follower);
            assertThat(cluster.append("after the transfer")).isGreaterThan(end);
        }
    }

    @Test
    void aVoteIsDurableBeforeItLeaves() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            long syncs = cluster.members.stream()
                    .mapToLong(member -> Long.parseLong(member.ask("syncs")))
                    .filter(count -> count > 1)
                    .count();
            assertThat(Long.parseLong(cluster.leader().ask("syncs")))
                    .as("that nothing was voted yet, then the candidate's own vote")
                    .isGreaterThan(1);
            assertThat(syncs).as("candidate and at least one that voted for it").isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void aFirstStartThatWasInterruptedBeforeAnyElectionGoesOn() {
        try (RaftCluster cluster = new RaftCluster(root)) {
            for (int i = 0; i < 3; i++) {
                cluster.add(1);
            }
            for (Member member : cluster.members) {
                member.start();
                assertThat(member.ask("provision")).isEqualTo("ok");
                assertThat(member.ask("open " + RaftCluster.addresses(cluster.members) + " -"))
                        .startsWith("ok");
                member.kill();
            }
            for (Member member : cluster.members) {
                member.start();
                assertThat(member.ask("open - -")).startsWith("ok");
            }
            assertThat(cluster.append("after all")).isPositive();
        }
    }

    @Test
    void anOversizeRecordIsRefusedAndTheLeaderStays() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            Member leader = cluster.leader();
            String before = leader.ask("leader");
            assertThat(leader.ask("size " + (OrderedLog.RECORD_BYTES_MAX + 1))).startsWith("refused TOO_LARGE");
            assertThat(leader.ask("size " + OrderedLog.RECORD_BYTES_MAX)).startsWith("ok");
            assertThat(leader.ask("leader")).isEqualTo(before);
        }
    }
}
