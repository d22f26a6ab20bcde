package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.holdfast.channel.BatchSize;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Blocks that find no room: nothing is lost, and ordering goes on when there is room again.
@Timeout(value = 90, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DiskFullTest {
    private static final OrdererSettings PATIENT =
            new OrdererSettings(true, Duration.ofMillis(2), Duration.ofSeconds(30));

    @TempDir
    static Path shared;

    private static Consortium consortium;

    @TempDir
    Path root;

    @BeforeAll
    static void found() {
        consortium = new Consortium(shared, new BatchSize(5, 1 << 20, 200_000), Duration.ofMillis(400));
    }

    @Test
    void aFollowerWithAFullDiskWaitsAndTheOthersGoOn() {
        try (Town town = new Town(root, consortium, PATIENT, 31).open()) {
            Town.Node full = town.nodes.get(2);
            Client first = new Client("first", town, 0);
            Client own = new Client("own", town, 2);
            first.send(3, 100);
            first.awaitAnswers();
            full.disk.full(true);
            own.send(3, 100);
            // More records than may wait: the engine's thread is held.
            for (int i = 0; i < Orderer.ENTRIES_MAX * 2; i++) {
                first.send(1, 100);
                first.awaitAnswers();
            }
            await().until(() -> full.orderer().status().problem().isPresent());
            assertThat(full.orderer().status().problem().orElseThrow()).contains("No space left on device");
            // What is sent now waits for its own node, while the others go on.
            own.send(3, 100);
            first.send(3, 100);
            first.awaitAnswers();
            assertThat(own.open()).isGreaterThanOrEqualTo(3);
            full.disk.full(false);
            own.awaitAnswers();
            assertThat(own.ordered()).hasSize(6);
            town.settle(0, own.ordered());
            town.assertSameBlocks();
            first.assertTold();
            own.assertTold();
        }
    }

    @Test
    void aLeaderWithAFullDiskKeepsWhatItTook() {
        try (Town town = new Town(root, consortium, PATIENT, 32).open()) {
            Town.Node leader = town.nodes.getFirst();
            Client client = new Client("client", town, 0);
            client.send(2, 100);
            client.awaitAnswers();
            leader.disk.full(true);
            client.send(40, 100);
            await().until(() -> leader.orderer().status().problem().isPresent());
            leader.disk.full(false);
            client.awaitAnswers();
            assertThat(client.ordered()).hasSize(42);
            town.settle(0, client.ordered());
            town.assertSameBlocks();
            client.assertTold();
        }
    }

    @Test
    void aNodeWithAFullDiskCanBeStoppedAndComesBack() {
        try (Town town = new Town(root, consortium, PATIENT, 33).open()) {
            Town.Node full = town.nodes.get(2);
            Client first = new Client("first", town, 0);
            full.disk.full(true);
            for (int i = 0; i < Orderer.ENTRIES_MAX * 2; i++) {
                first.send(1, 100);
                first.awaitAnswers();
            }
            await().until(() -> full.orderer().status().problem().isPresent());
            full.stop();
            full.disk.full(false);
            full.start();
            town.settle(0, first.ordered());
            town.assertSameBlocks();
        }
    }
}
