package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.holdfast.channel.BatchSize;
import org.holdfast.env.World;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Three orderers over a hostile log. What a client was told must be what every ledger says.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OrdererTest {
    private static final OrdererSettings PATIENT =
            new OrdererSettings(true, Duration.ofMillis(2), Duration.ofSeconds(20));
    private static final OrdererSettings HASTY =
            new OrdererSettings(true, Duration.ofMillis(2), Duration.ofMillis(500));

    @TempDir
    static Path shared;

    private static Consortium consortium;

    @TempDir
    Path root;

    @BeforeAll
    static void found() {
        consortium = new Consortium(shared, new BatchSize(20, 10 << 20, 200_000), Duration.ofMillis(400));
    }

    private Town town(OrdererSettings settings, long seed) {
        return new Town(root, consortium, settings, seed).open();
    }

    @Test
    void aLoneEnvelopeIsInABlockLongBeforeTheBatchTimeout() {
        Duration batchTimeout = Duration.ofMinutes(2);
        Consortium slow = new Consortium(root.resolve("orgs"), new BatchSize(20, 10 << 20, 200_000), batchTimeout);
        try (Town town = new Town(root, slow, PATIENT, 1).open()) {
            for (Town.Node node : town.nodes) {
                long height = node.ledger().height();
                node.orderer().offer(slow.envelope("lone" + node.number, 100)).join();
                await().atMost(Duration.ofSeconds(20)).until(() -> node.ledger().height() > height);
            }
            town.settle(0, List.of("lone0", "lone1", "lone2"));
        }
    }

    @Test
    void withoutPromptCuttingAnEnvelopeWaitsForTheBatchTimeout() {
        OrdererSettings fabric = new OrdererSettings(false, Duration.ofMillis(2), Duration.ofSeconds(20));
        try (Town town = town(fabric, 2)) {
            Town.Node node = town.nodes.get(1);
            long began = World.real().clock().nanos();
            node.orderer().offer(consortium.envelope("early", 100)).join();
            node.orderer().offer(consortium.envelope("late", 100)).join();
            await().pollInterval(Duration.ofMillis(1)).until(() -> node.ledger().height() == 2);
            long took = World.real().clock().nanos() - began;
            assertThat(Duration.ofNanos(took)).isGreaterThanOrEqualTo(Duration.ofMillis(390));
            assertThat(node.names()).containsExactly("early", "late");
        }
    }

    @Test
    void nobodyIsToldALieUnderChurnLossAndRestarts() {
        churn(11, 45);
    }

    private void churn(long seed, int rounds) {
        Random random = new Random(seed);
        Town town = new Town(root.resolve("seed" + seed), consortium, PATIENT, seed).open();
        try (town) {
            town.log.malice(MemoryLog.Malice.SOME);
            town.loss(8);
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                clients.add(new Client("c" + i, town, i % Town.NODES));
            }
            for (int round = 0; round < rounds; round++) {
                for (Client client : clients) {
                    client.send(1 + random.nextInt(4), 50 + random.nextInt(2000));
                }
                switch (random.nextInt(12)) {
                    case 0 -> town.lead(random.nextInt(Town.NODES));
                    case 1 -> town.log.elect(null);
                    case 2 -> town.nodes.get(random.nextInt(Town.NODES)).restart();
                    case 3 -> town.log.pause(town.nodes.get(random.nextInt(Town.NODES)).member, true);
                    case 4 -> town.nodes.forEach(node -> town.log.pause(node.member, false));
                    default -> clients.forEach(client -> client.awaitOldest(Duration.ofMillis(100)));
                }
                if (town.log.leader().isEmpty() && random.nextBoolean()) {
                    town.lead(random.nextInt(Town.NODES));
                }
            }
            town.nodes.forEach(node -> town.log.pause(node.member, false));
            town.lead(0);
            clients.forEach(Client::awaitAnswers);
            town.settle(
                    0,
                    clients.stream()
                            .flatMap(client -> client.ordered().stream())
                            .toList());
            town.assertSameBlocks();
            clients.forEach(Client::assertTold);
            assertThat(clients.stream()
                            .mapToLong(client -> client.ordered().size())
                            .sum())
                    .isGreaterThan(clients.stream().mapToLong(Client::sent).sum() / 2);
        }
    }

    @Test
    void aMemberThatFellBehindCatchesUpByBlocksAndAnswersItsClients() {
        try (Town town = town(PATIENT, 3)) {
            Town.Node late = town.nodes.get(2);
            Client behind = new Client("behind", town, 2);
            Client busy = new Client("busy", town, 0);
            busy.send(5, 100);
            busy.awaitAnswers();
            await().until(() ->
                    late.ledger().height() == town.nodes.getFirst().ledger().height());
            town.log.pause(late.member, true);
            long pausedAt = town.log.lastIndex();
            behind.send(3, 500);
            await().until(() -> town.log.lastIndex() > pausedAt);
            busy.send(25, 100_000);
            busy.awaitAnswers();
            await().until(() -> town.log.purged() > pausedAt);
            assertThat(behind.open()).isEqualTo(3);
            town.log.pause(late.member, false);
            behind.awaitAnswers();
            behind.send(2, 500);
            behind.awaitAnswers();
            assertThat(behind.ordered()).hasSize(5);
            town.settle(0, behind.ordered());
            town.assertSameBlocks();
            behind.assertTold();
            busy.assertTold();
        }
    }

    @Test
    void withoutALeaderAnEnvelopeIsRefusedWhenItsPatienceEnds() {
        try (Town town = town(HASTY, 4)) {
            town.log.elect(null);
            for (Town.Node node : town.nodes) {
                assertThat(refusal(node.orderer().offer(consortium.envelope("nobody" + node.number, 10)))
                                .code())
                        .isIn(Code.NO_LEADER, Code.OUTCOME_UNKNOWN);
            }
            town.lead(1);
            town.nodes
                    .get(2)
                    .orderer()
                    .offer(consortium.envelope("somebody", 10))
                    .join();
            town.settle(1, List.of("somebody"));
            town.assertSameBlocks();
        }
    }

    @Test
    void aCommittedEnvelopeItsNodeDoesNotReadIsAnsweredWhenItsPatienceEnds() {
        try (Town town = town(HASTY, 5)) {
            Town.Node deaf = town.nodes.get(2);
            deaf.orderer().offer(consortium.envelope("heard", 10)).join();
            town.log.pause(deaf.member, true);
            assertThat(refusal(deaf.orderer().offer(consortium.envelope("unheard", 10)))
                            .code())
                    .isEqualTo(Code.OUTCOME_UNKNOWN);
            town.settle(0, List.of("heard", "unheard"));
            town.assertSameBlocks();
            deaf.orderer().offer(consortium.envelope("again", 10)).join();
        }
    }

    @Test
    void whatWaitsIsBoundedAndTheRestIsRefusedAtOnce() {
        try (Town town = town(PATIENT, 6)) {
            town.log.elect(null);
            Orderer orderer = town.nodes.get(1).orderer();
            List<CompletableFuture<Void>> waiting = new ArrayList<>();
            List<String> names = new ArrayList<>();
            int bytes = 8 << 20;
            for (int left = (int) (Answers.OUTSTANDING_BYTES_MAX / bytes) - 1; left >= 0; left--) {
                names.add("large" + left);
                waiting.add(orderer.offer(consortium.envelope("large" + left, bytes - 4096)));
            }
            assertThat(refusal(orderer.offer(consortium.envelope("one too many", bytes)))
                            .code())
                    .isEqualTo(Code.OVERLOADED);
            assertThat(waiting).noneMatch(CompletableFuture::isDone);
            town.lead(0);
            waiting.forEach(CompletableFuture::join);
            orderer.offer(consortium.envelope("room again", bytes)).join();
            town.settle(0, names);
            assertThat(town.nodes.get(2).names()).doesNotContain("one too many").containsSubsequence(names);
        }
    }

    @Test
    void whatTheChannelDoesNotAdmitIsRefusedAndNeverOrdered() {
        try (Town town = town(PATIENT, 7)) {
            Orderer orderer = town.nodes.getFirst().orderer();
            CompletableFuture<Void> good = orderer.offer(consortium.envelope("good", 10));
            CompletableFuture<Void> forged = orderer.offer(consortium.forged("forged"));
            CompletableFuture<Void> large = orderer.offer(consortium.envelope("large", (10 << 20) + 1));
            CompletableFuture<Void> next = orderer.offer(consortium.envelope("next", 10));
            assertThat(refusal(forged).code()).isEqualTo(Code.POLICY_NOT_SATISFIED);
            assertThat(refusal(large).code()).isEqualTo(Code.TOO_LARGE);
            good.join();
            next.join();
            town.settle(0, List.of("good", "next"));
            assertThat(town.nodes.get(2).names()).containsExactly("good", "next");
        }
    }

    @Test
    void aRecordNobodyCanReadHaltsTheChannelAndSaysSo() {
        try (Town town = town(PATIENT, 8)) {
            Client client = new Client("before", town, 1);
            client.send(3, 10);
            client.awaitAnswers();
            town.log.pause(town.nodes.get(1).member, true);
            CompletableFuture<Void> afloat = town.nodes.get(1).orderer().offer(consortium.envelope("afloat", 10));
            await().until(() -> town.nodes.get(2).names().contains("afloat"));
            town.log.inject(ByteString.copyFromUtf8("no record"));
            // its own flight is read before the garbage; one that is sent behind it is not
            CompletableFuture<Void> behind = town.nodes.get(1).orderer().offer(consortium.envelope("behind", 10));
            await().until(() -> town.nodes.get(1).orderer().waiting() == 0);
            town.log.pause(town.nodes.get(1).member, false);
            for (Town.Node node : town.nodes) {
                await().until(() -> node.orderer().status().problem().isPresent());
                assertThat(node.orderer().status().problem().orElseThrow())
                        .contains("halted")
                        .contains("does not decode");
                assertThat(refusal(node.orderer().offer(consortium.envelope("after", 10)))
                                .code())
                        .isEqualTo(Code.CHANNEL_HALTED);
            }
            afloat.join();
            assertThat(refusal(behind).code()).isEqualTo(Code.OUTCOME_UNKNOWN);
        }
    }

    static Refusal refusal(CompletableFuture<Void> answer) {
        Throwable failure = answer.orTimeout(60, TimeUnit.SECONDS)
                .handle((done, thrown) -> thrown)
                .join();
        assertThat(failure).isInstanceOf(Refusal.Refused.class);
        return ((Refusal.Refused) failure).refusal();
    }
}
