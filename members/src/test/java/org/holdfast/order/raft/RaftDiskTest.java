package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.holdfast.order.raft.RaftCluster.Member;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that fills up, on a file system of its own (needs the right to mount).
@Tag("slow")
class RaftDiskTest {
    private static final int MEGABYTES = 48;

    @TempDir
    Path root;

    @AfterEach
    void unmount() {
        for (int i = 0; i < 3; i++) {
            run("umount", "-l", root.resolve("m" + i).resolve("raft").toString());
        }
    }

    @Test
    void aLeaderWithAFullDiskGivesWayAndComesBack() {
        try (RaftCluster cluster = onSmallDisks()) {
            fillAndRelease(cluster, cluster.leader());
        }
    }

    @Test
    void aFollowerWithAFullDiskComesBackByItself() {
        try (RaftCluster cluster = onSmallDisks()) {
            fillAndRelease(cluster, cluster.followers().getFirst());
        }
    }

    /// Ratis leaves its file of term and vote empty when the disk is full as it votes.
    @Test
    void aMemberThatVotedOnAFullDiskIsNotShutOut() throws IOException {
        try (RaftCluster cluster = onSmallDisks()) {
            cluster.append("before");
            Member full = cluster.followers().getFirst();
            Member leader = cluster.leader();
            Path filler = fill(full);
            leader.kill();
            await().atMost(Duration.ofSeconds(30)).until(() -> Files.size(voteFile(full)) == 0);
            full.kill();
            delete(filler);
            leader.restart();
            full.restart();
            long after = cluster.append("after");
            RaftCluster.hasRead(full, after);
            assertThat(voteFile(full)).isNotEmptyFile();
            assertThat(full.errors()).contains("are restored");
            assertThat(full.dump()).isEqualTo(cluster.leader().dump());
        }
    }

    private static Path voteFile(Member member) throws IOException {
        try (Stream<Path> files = Files.walk(member.directory.resolve("raft"))) {
            return files.filter(file -> file.endsWith("raft-meta")).findFirst().orElseThrow();
        }
    }

    @Test
    void withoutTheSupervisorTheFollowerStaysStuck() {
        try (RaftCluster cluster = new RaftCluster(root)) {
            cluster.without = "logSupervisor";
            small(cluster);
            Member follower = cluster.followers().getFirst();
            Path filler = fill(follower);
            long end = 0;
            for (int i = 0; i < 8; i++) {
                end = Long.parseLong(cluster.leader().ask("size 200000").split(" ", 2)[1]);
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> follower.errors().contains("cannot be written"));
            delete(filler);
            long after = end;
            await().during(Duration.ofSeconds(5))
                    .atMost(Duration.ofSeconds(8))
                    .until(() -> Long.parseLong(follower.ask("tail").split(" ", 2)[1]) < after);
        }
    }

    private RaftCluster onSmallDisks() {
        return small(new RaftCluster(root));
    }

    private RaftCluster small(RaftCluster cluster) {
        cluster.beforeStart = member -> assumeTrue(
                run(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "size=" + MEGABYTES + "m",
                        "tmpfs",
                        member.directory.resolve("raft").toString()),
                "may not mount a file system here");
        return cluster.three();
    }

    private static void fillAndRelease(RaftCluster cluster, Member full) {
        cluster.append("before");
        Path filler = fill(full);
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            cluster.leader().ask("size 200000");
            return full.saw("logFailed");
        });
        long during = cluster.append("during");
        cluster.members.stream().filter(m -> m != full).forEach(m -> RaftCluster.hasRead(m, during));
        delete(filler);
        long freed = System.nanoTime();
        await().atMost(Duration.ofSeconds(30)).until(() -> full.saw("logRecovered"));
        long after = cluster.append("after");
        RaftCluster.hasRead(full, after);
        System.out.printf("full disk: back %d ms after space%n", (System.nanoTime() - freed) / 1_000_000);
        assertThat(full.saw("wrong")).isFalse();
        assertThat(full.dump()).isEqualTo(cluster.leader().dump());
    }

    private static Path fill(Member member) {
        Path filler = member.directory.resolve("raft").resolve("filler");
        try (var out = Files.newOutputStream(filler)) {
            byte[] page = new byte[4096];
            for (int i = 0; i < MEGABYTES * 256; i++) {
                out.write(page);
            }
            throw new IllegalStateException("the disk is not full");
        } catch (IOException full) {
            return filler;
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean run(String... command) {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }
}
