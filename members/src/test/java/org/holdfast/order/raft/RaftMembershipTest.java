package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.order.raft.RaftCluster.Member;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Members that lost their log, and members replaced.
@Tag("slow")
class RaftMembershipTest {
    @TempDir
    Path root;

    @Test
    void aWipedMemberComesBackAsItsNextIncarnation() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            cluster.append("before");
            Member wiped = cluster.followers().getFirst();
            wiped.kill();
            wiped.wipe();
            wiped.start();
            assertThat(wiped.ask("open " + RaftCluster.addresses(cluster.members) + " -"))
                    .startsWith("refused MEMBER_SUPERSEDED");

            wiped.reincarnate();
            long end = replaceInConfig(cluster);
            RaftCluster.hasRead(wiped, end);
            assertThat(wiped.dump()).isEqualTo(cluster.leader().dump()).containsValue("before");
        }
    }

    @Test
    void twoMembersAreReplacedOneAfterTheOther() {
        try (RaftCluster cluster = new RaftCluster(root).three()) {
            cluster.append("before");
            List<Member> followers = cluster.followers();
            for (Member member : followers) {
                member.reincarnate();
                long end = replaceInConfig(cluster);
                RaftCluster.hasRead(member, end);
            }
            Member old = cluster.leader();
            assertThat(old.incarnation).isEqualTo(1);
            assertThat(old.ask("transfer " + followers.getFirst().id())).isEqualTo("ok");
            long end = cluster.append("led by a replaced member");
            cluster.members.forEach(member -> RaftCluster.hasRead(member, end));
            assertThat(cluster.leader().ask("members"))
                    .contains(followers.get(0).id(), followers.get(1).id());
        }
    }

    private static long replaceInConfig(RaftCluster cluster) {
        long began = System.nanoTime();
        assertThat(cluster.leader().ask("change " + RaftCluster.addresses(cluster.members)))
                .isEqualTo("ok");
        System.out.printf("member replaced in %d ms%n", (System.nanoTime() - began) / 1_000_000);
        return cluster.append("after the change");
    }
}
