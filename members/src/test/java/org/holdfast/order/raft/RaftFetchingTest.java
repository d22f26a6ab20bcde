package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.order.raft.RaftCluster.Member;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A member fetches blocks because its leader has forgotten what it lacks, and meanwhile another member becomes leader
/// whose log begins elsewhere.
@Tag("slow")
class RaftFetchingTest {
    private static final int RECORDS = 12;

    /// The longest time-out of one is 1.3 s.
    private static final Duration FOUR_ELECTIONS = Duration.ofMillis(5200);

    @TempDir
    Path root;

    @Test
    void theNextLeaderHasForgottenNothing() {
        goesOnWith(false);
    }

    @Test
    void theNextLeaderHasForgottenLess() {
        goesOnWith(true);
    }

    /// The leader sends nothing else while it waits for the answer to its word that blocks must be fetched: a member
    /// that answered when it had fetched them stood for election all the while, again and again.
    @Test
    void aMemberHearsOfItsLeaderWhileItFetches() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            long before = cluster.append("before");
            Member behind = cluster.followers().getFirst();
            RaftCluster.hasRead(behind, before);
            behind.kill();
            Member leader = cluster.leader();
            long last = fill(leader);
            String term = leader.lastTerm();
            RaftCluster.hasRead(cluster.followers().getFirst(), last);
            forget(leader, last);

            behind.start();
            assertThat(behind.ask("holdpull")).isEqualTo("ok");
            assertThat(behind.ask("open " + RaftCluster.addresses(cluster.members) + " -"))
                    .startsWith("ok");
            await().atMost(Duration.ofSeconds(30)).until(() -> behind.saw("catchUp"));
            await().during(FOUR_ELECTIONS)
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> behind.ask("leader").startsWith(leader.id()));
            assertThat(behind.ask("pulled " + term + " " + last)).isEqualTo("ok");

            RaftCluster.hasRead(behind, cluster.append("after"));
            assertThat(behind.saw("wrong")).isFalse();
        }
    }

    private void goesOnWith(boolean forgotSomething) {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            long before = cluster.append("before");
            Member behind = cluster.followers().getFirst();
            RaftCluster.hasRead(behind, before);
            behind.kill();
            Member first = cluster.leader();
            Member next = cluster.followers().getFirst();
            long last = fill(first);
            String term = first.lastTerm();
            RaftCluster.hasRead(next, last);
            forget(first, last);
            if (forgotSomething) {
                forget(next, (before + last) / 2);
            }

            behind.start();
            assertThat(behind.ask("holdpull")).isEqualTo("ok");
            assertThat(behind.ask("open " + RaftCluster.addresses(cluster.members) + " -"))
                    .startsWith("ok");
            await().atMost(Duration.ofSeconds(30)).until(() -> behind.saw("catchUp"));
            leads(cluster, next);
            assertThat(behind.ask("pulled " + term + " " + last)).isEqualTo("ok");

            RaftCluster.hasRead(behind, cluster.append("after"));
            assertThat(behind.saw("wrong")).isFalse();
        }
    }

    /// On a busy machine the first attempt may be too slow.
    private static void leads(RaftCluster cluster, Member next) {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            Member now = cluster.leader();
            if (now != next) {
                now.ask("transfer " + next.id());
            }
            return now == next;
        });
    }

    private static long fill(Member leader) {
        long last = 0;
        for (int i = 0; i < RECORDS; i++) {
            String answer = leader.ask("size 1000000");
            assertThat(answer).startsWith("ok");
            last = Long.parseLong(answer.substring(3));
        }
        return last;
    }

    private static void forget(Member member, long index) {
        assertThat(member.ask("forget " + index)).isEqualTo("ok");
        await().atMost(Duration.ofSeconds(20)).until(() -> !member.ask("files").contains("log_0-"));
    }
}
