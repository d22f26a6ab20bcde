package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.holdfast.channel.BatchSize;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node whose clock is off does not keep leadership, and a node whose clock is right does.
@Tag("slow")
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClockWatchTest {
    private static final long DAY = 24 * 3600 * 1000L;
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path root;

    @Test
    void aLeaderWhoseClockIsOffHandsLeadershipOverUntilItIsRight() {
        Consortium consortium =
                new Consortium(root.resolve("orgs"), new BatchSize(20, 10 << 20, 200_000), Duration.ofMillis(400));
        try (Town town = new Town(root, consortium, OrdererSettings.DEFAULT, 9).open()) {
            Town.Node off = town.nodes.getFirst();
            off.orderer().offer(consortium.envelope("before", 100)).join();
            off.aheadMillis = DAY;
            await("another leader").atMost(LONG).until(() -> !leads(town, off));
            town.nodes
                    .get(1)
                    .orderer()
                    .offer(consortium.envelope("between", 100))
                    .join();

            town.lead(0);
            await("another leader again").atMost(LONG).until(() -> !leads(town, off));

            off.aheadMillis = 5;
            await("a clock that is known to be right").atMost(LONG).until(() -> {
                town.lead(0);
                return staysLeader(town, off);
            });
            assertThat(leads(town, off)).isTrue();
        }
    }

    @Test
    void withoutAMajorityThatAgreesNobodyHandsOver() {
        Consortium consortium =
                new Consortium(root.resolve("orgs"), new BatchSize(20, 10 << 20, 200_000), Duration.ofMillis(400));
        try (Town town = new Town(root, consortium, OrdererSettings.DEFAULT, 10).open()) {
            town.nodes.get(0).aheadMillis = DAY;
            town.nodes.get(1).aheadMillis = -DAY;
            assertThat(staysLeader(town, town.nodes.get(0))).isTrue();
        }
    }

    private static boolean leads(Town town, Town.Node node) {
        return town.log.leader().filter(node.member::equals).isPresent();
    }

    /// For two rounds of comparing.
    private static boolean staysLeader(Town town, Town.Node node) {
        long end = Consortium.WORLD.clock().nanos() + 2 * ClockWatch.LOOK.toNanos();
        while (Consortium.WORLD.clock().nanos() - end < 0) {
            if (!leads(town, node)) {
                return false;
            }
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
        return true;
    }
}
