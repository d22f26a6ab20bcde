package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.order.raft.RaftCluster.Member;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each piece that makes Ratis safe: what happens with it, and, with the piece left out, that Ratis alone does not do
/// it.
@Tag("slow")
class RaftSafeguardTest {
    @TempDir
    Path root;

    @Test
    void anAnswerOfTheNextIncarnationIsNotCountedAsTheOldOnes() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            Member leader = cluster.leader();
            Member fresh = nextIncarnationAtTheOldAddress(cluster);
            await().atMost(Duration.ofSeconds(20)).until(() -> fresh.errors().contains("addressed to"));
            killOther(cluster, leader, fresh);
            assertThat(leader.ask("append counted")).doesNotStartWith("ok");
            assertThat(fresh.ask("tail")).isEqualTo("0 0");
        }
    }

    @Test
    void withoutTheGuardItIsCounted() {
        try (RaftCluster cluster = new RaftCluster(root)) {
            cluster.without = "peerGuard";
            cluster.three();
            Member leader = cluster.leader();
            Member fresh = nextIncarnationAtTheOldAddress(cluster);
            long end = cluster.append("while three are up");
            RaftCluster.hasRead(fresh, end);
            killOther(cluster, leader, fresh);
            assertThat(leader.ask("append counted")).startsWith("ok");
        }
    }

    private static Member nextIncarnationAtTheOldAddress(RaftCluster cluster) {
        cluster.append("before");
        Member follower = cluster.followers().getFirst();
        int port = follower.port;
        follower.kill();
        follower.wipe();
        follower.incarnation++;
        follower.port = port;
        follower.start();
        assertThat(follower.ask("join")).isEqualTo("ok");
        assertThat(follower.ask("open - -")).startsWith("ok");
        return follower;
    }

    private static void killOther(RaftCluster cluster, Member leader, Member fresh) {
        cluster.members.stream().filter(m -> m != leader && m != fresh).forEach(Member::kill);
    }

    @Test
    void aMemberThatWasCutIsHeardNoMore() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            Member leader = cluster.leader();
            Member removed = cluster.followers().getFirst();
            long before = cluster.append("before");
            RaftCluster.hasRead(removed, before);
            for (Member member : cluster.members) {
                if (member != removed) {
                    member.unpin(removed);
                    assertThat(member.ask("cut " + removed.id())).isEqualTo("ok");
                }
            }
            String term = leader.lastTerm();
            long after = cluster.append("after");
            removed.kill();
            removed.restart();
            await().during(Duration.ofSeconds(4))
                    .atMost(Duration.ofSeconds(8))
                    .until(() -> Long.parseLong(removed.ask("tail").split(" ", 2)[1]) < after);
            assertThat(leader.lastTerm()).isEqualTo(term);
        }
    }

    @Test
    void aPinTakenBackHoldsForANewConnection() {
        assertThat(hearsTheLeaderAfterItsPinIsGone("peerGuard")).isFalse();
    }

    @Test
    void withResumedSessionsItDoesNot() {
        assertThat(hearsTheLeaderAfterItsPinIsGone("peerGuard,noResumption")).isTrue();
    }

    private boolean hearsTheLeaderAfterItsPinIsGone(String without) {
        try (RaftCluster cluster = new RaftCluster(root)) {
            cluster.without = without;
            cluster.three();
            Member leader = cluster.leader();
            Member removed = cluster.followers().getFirst();
            RaftCluster.hasRead(removed, cluster.append("before"));
            leader.unpin(removed);
            assertThat(leader.ask("cut " + removed.id())).isEqualTo("ok");
            long after = Long.parseLong(leader.ask("append after").split(" ", 2)[1]);
            cluster.members.stream().filter(m -> m != removed).forEach(m -> RaftCluster.hasRead(m, after));
            try {
                await().atMost(Duration.ofSeconds(5))
                        .until(() -> Long.parseLong(removed.ask("tail").split(" ", 2)[1]) >= after);
                return true;
            } catch (org.awaitility.core.ConditionTimeoutException silent) {
                return false;
            }
        }
    }

    @Test
    void withoutTheSizeGateAnOversizeRecordUnseatsTheLeader() {
        try (RaftCluster cluster = new RaftCluster(root)) {
            cluster.without = "sizeGate";
            cluster.three();
            Member leader = cluster.leader();
            String term = leader.lastTerm();
            assertThat(leader.ask("size " + (1 << 21))).doesNotStartWith("ok");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> !cluster.leader().lastTerm().equals(term));
        }
    }
}
