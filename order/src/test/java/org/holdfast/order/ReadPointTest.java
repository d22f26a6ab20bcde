package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.channel.BatchSize;
import org.holdfast.env.World;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Read points over a hostile log: whatever stood in a block anywhere before one was asked for is below it.
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadPointTest {
    private static final OrdererSettings PATIENT =
            new OrdererSettings(true, Duration.ofMillis(2), Duration.ofSeconds(20));
    private static final OrdererSettings HASTY =
            new OrdererSettings(true, Duration.ofMillis(2), Duration.ofMillis(700));

    @TempDir
    static Path shared;

    private static Consortium consortium;

    @TempDir
    Path root;

    @BeforeAll
    static void found() {
        consortium = new Consortium(shared, new BatchSize(20, 10 << 20, 200_000), Duration.ofMillis(200));
    }

    @Test
    void everyMemberTellsWhatWasCutBeforeItWasAsked() {
        try (Town town = new Town(root, consortium, PATIENT, 1).open()) {
            for (int i = 0; i < 9; i++) {
                Town.Node writer = town.nodes.get(i % Town.NODES);
                long height = write(writer, "e" + i);
                long before = World.real().clock().wallMillis();
                for (Town.Node reader : town.nodes) {
                    ReadPoint point = reader.orderer().readPoint().join();
                    assertThat(point.height()).isGreaterThanOrEqualTo(height);
                    assertThat(point.timeMillis()).isGreaterThanOrEqualTo(before);
                }
            }
        }
    }

    @Test
    void aDeposedLeaderThatDoesNotKnowItGivesNoReadPoint() {
        try (Town town = new Town(root, consortium, HASTY, 2).open()) {
            Town.Node deposed = town.nodes.getFirst();
            long height = writeBehindItsBack(town, deposed);
            assertThat(deposed.orderer().status().role()).isEqualTo(OrdererStatus.Role.LEADER);
            assertThatThrownBy(() -> deposed.orderer().readPoint().join())
                    .cause()
                    .isInstanceOfSatisfying(
                            Refusal.Refused.class,
                            e -> assertThat(e.refusal().code()).isEqualTo(Code.NO_LEADER));
            town.log.pause(deposed.member, false);
            assertThat(deposed.orderer().readPoint().join().height()).isGreaterThanOrEqualTo(height);
        }
    }

    @Test
    void aLeaderThatDoesNotAskWouldMissWhatAnotherOneOrdered() {
        try (Town town = new Town(root, consortium, HASTY, 3).open()) {
            town.log.confirmsUnasked = true;
            Town.Node deposed = town.nodes.getFirst();
            long height = writeBehindItsBack(town, deposed);
            assertThat(deposed.orderer().readPoint().join().height()).isLessThan(height);
        }
    }

    @Test
    void withoutALeaderReadsWaitForTheNextOne() {
        try (Town town = new Town(root, consortium, PATIENT, 4).open()) {
            long height = write(town.nodes.getFirst(), "early");
            town.log.elect(null);
            CompletableFuture<ReadPoint> waits = town.nodes.get(1).orderer().readPoint();
            await().until(() -> town.nodes.get(1).orderer().status().leader().isEmpty());
            assertThat(waits).isNotDone();
            town.lead(2);
            assertThat(waits.join().height()).isGreaterThanOrEqualTo(height);
        }
    }

    @Test
    void aNodeThatStopsLetsNobodyWait() {
        try (Town town = new Town(root, consortium, PATIENT, 5).open()) {
            town.log.elect(null);
            Town.Node node = town.nodes.get(1);
            List<CompletableFuture<ReadPoint>> waiting = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                waiting.add(node.orderer().readPoint());
            }
            node.stop();
            for (CompletableFuture<ReadPoint> one : waiting) {
                assertThatThrownBy(one::join).hasCauseInstanceOf(Refusal.Refused.class);
            }
            node.start();
        }
    }

    @Test
    void readPointsNeverGoBackUnderChurn() {
        Random random = new Random(6);
        try (Town town = new Town(root, consortium, PATIENT, 6).open()) {
            town.log.malice(MemoryLog.Malice.SOME);
            town.loss(8);
            long seen = 0;
            for (int round = 0; round < 40; round++) {
                switch (random.nextInt(4)) {
                    case 0 -> town.lead(random.nextInt(Town.NODES));
                    case 1 -> town.nodes.get(random.nextInt(Town.NODES)).restart();
                    default -> {}
                }
                if (town.log.leader().isEmpty()) {
                    town.lead(random.nextInt(Town.NODES));
                }
                Town.Node writer = town.nodes.get(random.nextInt(Town.NODES));
                try {
                    seen = Math.max(seen, write(writer, "c" + round));
                } catch (java.util.concurrent.CompletionException refused) {
                    assertThat(refused).hasCauseInstanceOf(Refusal.Refused.class);
                }
                ReadPoint point = town.nodes
                        .get(random.nextInt(Town.NODES))
                        .orderer()
                        .readPoint()
                        .join();
                assertThat(point.height()).isGreaterThanOrEqualTo(seen);
                seen = point.height();
            }
        }
    }

    @Test
    void manyWhoWaitShareTheNextRound() {
        AtomicInteger rounds = new AtomicInteger();
        List<CompletableFuture<Integer>> begun = new ArrayList<>();
        SharedRound<Integer> round = new SharedRound<>(
                () -> {
                    rounds.incrementAndGet();
                    begun.add(new CompletableFuture<>());
                    return begun.getLast();
                },
                3);
        CompletableFuture<Integer> first = round.join();
        List<CompletableFuture<Integer>> second = List.of(round.join(), round.join(), round.join());
        assertThatThrownBy(() -> round.join().join()).hasMessageContaining("try again");
        begun.get(0).complete(1);
        assertThat(first.join()).isEqualTo(1);
        assertThat(second).noneMatch(CompletableFuture::isDone);
        begun.get(1).complete(2);
        assertThat(second).allMatch(one -> one.join() == 2);
        CompletableFuture<Integer> third = round.join();
        begun.get(2).completeExceptionally(Refusal.of(Code.NO_LEADER, "nobody").asException());
        assertThatThrownBy(third::join).hasMessageContaining("nobody");
        assertThat(rounds).hasValue(3);
    }

    /// Has another member elected and an envelope ordered there while one member hears nothing.
    ///
    /// @return the height behind the envelope's block
    private static long writeBehindItsBack(Town town, Town.Node deposed) {
        long before = write(deposed, "before");
        town.nodes.forEach(node -> await().until(() -> node.ledger().height() >= before));
        await().until(() -> deposed.orderer().status().role() == OrdererStatus.Role.LEADER);
        town.log.pause(deposed.member, true);
        town.lead(1);
        return write(town.nodes.get(1), "behind its back");
    }

    /// Has an envelope ordered and in a block at a node.
    ///
    /// @return the height behind its block
    private static long write(Town.Node node, String name) {
        node.orderer().offer(consortium.envelope(name, 100)).join();
        await().pollInterval(Duration.ofMillis(1)).until(() -> node.names().contains(name));
        return node.ledger().height();
    }
}
