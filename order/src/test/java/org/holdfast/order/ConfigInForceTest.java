package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.holdfast.channel.BatchSize;
import org.holdfast.channel.ConsensusState;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Config updates on a running channel of three orderers over a hostile log: the same config at the same block on every
/// node, and nothing lost that somebody was told is ordered.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConfigInForceTest {
    private static final OrdererSettings PATIENT =
            new OrdererSettings(true, Duration.ofMillis(2), Duration.ofSeconds(20));

    @TempDir
    static Path shared;

    private static Consortium consortium;

    @TempDir
    Path root;

    @BeforeAll
    static void found() {
        consortium = new Consortium(shared, new BatchSize(20, 10 << 20, 200_000), Duration.ofMillis(400));
    }

    private Town town(long seed) {
        return new Town(root, consortium, PATIENT, seed).open();
    }

    private static EnvelopeView update(Town.Node node, Consumer<ConfigGroup.Builder> edit) {
        return consortium.update(node.orderer().config(), edit);
    }

    private static void change(Town.Node node, Consumer<ConfigGroup.Builder> edit) {
        node.orderer().offer(update(node, edit)).join();
    }

    private static void offer(Town.Node node, String name) {
        node.orderer().offer(consortium.envelope(name, 100)).join();
    }

    private static void awaitConfig(Town town, long sequence) {
        await().until(() ->
                town.nodes.stream().allMatch(node -> node.orderer().status().configSequence() == sequence));
    }

    @Test
    void whoeverHearsThatAConfigIsTakenFindsItInForceAndItsBlockIsNamedByAllBehindIt() {
        try (Town town = town(1)) {
            Town.Node node = town.nodes.get(1);
            offer(node, "before");
            change(node, Edits.maxMessages(2));
            assertThat(node.orderer().config().sequence()).isEqualTo(1);
            assertThat(node.orderer().config().batchSize().maxMessages()).isEqualTo(2);
            long block = node.orderer().config().blockNumber();
            List<CompletableFuture<Void>> answers = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                answers.add(node.orderer().offer(consortium.envelope("after" + i, 100)));
            }
            answers.forEach(CompletableFuture::join);
            awaitConfig(town, 1);
            town.settle(0, List.of("before", "after8"));
            town.assertSameBlocks();
            for (Town.Node one : town.nodes) {
                assertThat(ConfigBlocks.newest(one.ledger()).number()).isEqualTo(block);
                for (long number = block + 1; number < one.ledger().height(); number++) {
                    assertThat(Town.view(one.ledger().block(number)).data()).hasSizeLessThanOrEqualTo(2);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ofTwoUpdatesOfOneValueTheLaterIsRefusedAndOneOfAnotherValueIsNot(boolean lateIsFirst) {
        try (Town town = town(2)) {
            // The third node reads late: what it judges is judged by a config no longer in force.
            Town.Node prompt = town.nodes.getFirst();
            Town.Node late = town.nodes.get(2);
            offer(late, "early");
            town.log.pause(late.member, true);
            EnvelopeView five = update(prompt, Edits.maxMessages(5));
            EnvelopeView seven = update(late, Edits.maxMessages(7));
            CompletableFuture<Void> lates;
            if (lateIsFirst) {
                lates = late.orderer().offer(seven);
                await().until(() -> prompt.orderer().config().sequence() == 1);
                assertThat(OrdererTest.refusal(prompt.orderer().offer(five)).code())
                        .isEqualTo(Code.UPDATE_STALE);
            } else {
                prompt.orderer().offer(five).join();
                long ordered = town.log.lastIndex();
                lates = late.orderer().offer(seven);
                await().until(() -> town.log.lastIndex() > ordered);
            }
            town.log.pause(late.member, false);
            if (lateIsFirst) {
                lates.join();
            } else {
                assertThat(OrdererTest.refusal(lates).code()).isEqualTo(Code.UPDATE_STALE);
            }
            assertThat(late.orderer().config().batchSize().maxMessages()).isEqualTo(lateIsFirst ? 7 : 5);
            CompletableFuture<Void> other = late.orderer().offer(update(late, Edits.batchTimeout("300ms")));
            other.join();
            assertThat(late.orderer().config().batchTimeout()).isEqualTo(Duration.ofMillis(300));
            town.settle(0, List.of());
            town.assertSameBlocks();
        }
    }

    /// The node does not know yet that the config has moved; its records are recalled when it does.
    @Test
    void whatWasOnItsWayIsJudgedAgainAndOrderedOnce() {
        try (Town town = town(3)) {
            Town.Node late = town.nodes.get(2);
            offer(late, "early");
            town.log.pause(late.member, true);
            change(town.nodes.getFirst(), Edits.maxMessages(5));
            long changed = town.log.lastIndex();
            Client behind = new Client("behind", town, 2);
            behind.send(6, 400);
            behind.send(1, 2_500_000);
            behind.send(6, 400);
            CompletableFuture<Void> update = late.orderer().offer(update(late, Edits.batchTimeout("300ms")));
            CompletableFuture<Void> conflict = late.orderer().offer(update(late, Edits.maxMessages(9)));
            await().until(() -> town.log.lastIndex() > changed);
            assertThat(behind.open()).isEqualTo(13);
            town.log.pause(late.member, false);
            behind.awaitAnswers();
            assertThat(behind.ordered()).hasSize(13);
            update.join();
            assertThat(OrdererTest.refusal(conflict).code()).isEqualTo(Code.UPDATE_STALE);
            town.settle(0, behind.ordered());
            town.assertSameBlocks();
            behind.assertTold();
            awaitConfig(town, 2);
        }
    }

    @Test
    void whatTheNewConfigDoesNotAdmitIsRefusedThoughItsRecordIsCommitted() {
        try (Town town = town(4)) {
            Town.Node late = town.nodes.get(2);
            offer(late, "early");
            town.log.pause(late.member, true);
            change(town.nodes.getFirst(), Edits::usersAdminsOnly);
            CompletableFuture<Void> answer = late.orderer().offer(consortium.envelope("outlawed", 100));
            await().until(() -> late.orderer().waiting() == 0);
            assertThat(answer).isNotDone();
            town.log.pause(late.member, false);
            Refusal refusal = OrdererTest.refusal(answer);
            assertThat(refusal.code()).isEqualTo(Code.POLICY_NOT_SATISFIED);
            town.settle(0, List.of("early"));
            town.assertSameBlocks();
            assertThat(late.names()).doesNotContain("outlawed");
        }
    }

    @Test
    void aNodeThatWasAwayFollowsEveryConfigOfTheBlocksItFetches() {
        try (Town town = town(5)) {
            Town.Node late = town.nodes.get(2);
            offer(late, "early");
            late.stop();
            Town.Node leader = town.nodes.getFirst();
            for (int i = 1; i <= 4; i++) {
                change(leader, Edits.maxMessages(i + 1));
                offer(leader, "between" + i);
            }
            await().until(() -> leader.names().contains("between4"));
            town.log.forgetAll();
            late.start();
            await().until(() -> late.names().contains("between4"));
            assertThat(late.orderer().config().sequence()).isEqualTo(4);
            offer(late, "own");
            change(late, Edits.batchTimeout("300ms"));
            town.settle(0, List.of("own"));
            town.assertSameBlocks();
            awaitConfig(town, 5);
        }
    }

    /// Its own records were in those blocks, or came too late for their config.
    @Test
    void aNodeThatFellBehindOverConfigsAnswersItsClientsHonestly() {
        try (Town town = town(6)) {
            Town.Node late = town.nodes.get(2);
            offer(late, "early");
            town.log.pause(late.member, true);
            long paused = town.log.lastIndex();
            Client behind = new Client("behind", town, 2);
            behind.send(3, 500);
            await().until(() -> town.log.lastIndex() > paused);
            CompletableFuture<Void> update = late.orderer().offer(update(late, Edits.batchTimeout("300ms")));
            await().until(() -> late.orderer().waiting() == 0);
            change(town.nodes.getFirst(), Edits.maxMessages(5));
            Client busy = new Client("busy", town, 0);
            busy.send(25, 100_000);
            busy.awaitAnswers();
            await().until(() -> town.log.purged() > paused);
            town.log.pause(late.member, false);
            behind.awaitAnswers();
            boolean told = update.handle((done, failure) -> failure == null).join();
            offer(late, "again");
            town.settle(0, behind.ordered());
            town.assertSameBlocks();
            behind.assertTold();
            assertThat(late.orderer().config().batchTimeout().equals(Duration.ofMillis(300)) || !told)
                    .as("an update that was acknowledged is in force")
                    .isTrue();
        }
    }

    @Test
    void theConfigInForceSurvivesTheRestartOfAll() {
        try (Town town = town(7)) {
            change(town.nodes.getFirst(), Edits.maxMessages(3));
            change(town.nodes.get(1), Edits::usersAdminsOnly);
            awaitConfig(town, 2);
            town.nodes.forEach(Town.Node::stop);
            town.nodes.forEach(Town.Node::start);
            town.lead(1);
            awaitConfig(town, 2);
            for (Town.Node node : town.nodes) {
                assertThat(OrdererTest.refusal(node.orderer().offer(consortium.envelope("nobody", 10)))
                                .code())
                        .isEqualTo(Code.POLICY_NOT_SATISFIED);
            }
            change(town.nodes.get(2), Edits.maxMessages(4));
            town.settle(1, List.of());
            town.assertSameBlocks();
        }
    }

    /// A block pending before the config cannot be written, and neither can the config's.
    @Test
    void aNodeThatDiesBetweenAConfigsRecordAndItsBlockTakesItUpThere() {
        try (Town town = town(8)) {
            Town.Node dying = town.nodes.get(2);
            offer(dying, "early");
            await().until(() -> dying.names().contains("early"));
            dying.disk.full(true);
            change(town.nodes.getFirst(), Edits.maxMessages(3));
            await().until(() -> dying.orderer().status().problem().isPresent());
            offer(town.nodes.getFirst(), "after");
            assertThat(dying.orderer().config().sequence()).isZero();
            dying.stop();
            dying.disk.full(false);
            dying.start();
            await().until(() -> dying.names().contains("after"));
            awaitConfig(town, 1);
            town.settle(0, List.of("after"));
            town.assertSameBlocks();
        }
    }

    @Test
    void inMaintenanceOnlyUpdatesAreTaken() {
        try (Town town = town(9)) {
            Town.Node node = town.nodes.getFirst();
            change(node, Edits.state(ConsensusType.State.STATE_MAINTENANCE));
            awaitConfig(town, 1);
            for (Town.Node one : town.nodes) {
                assertThat(one.orderer().config().state()).isEqualTo(ConsensusState.MAINTENANCE);
                assertThat(OrdererTest.refusal(one.orderer().offer(consortium.envelope("no", 10)))
                                .code())
                        .isEqualTo(Code.MAINTENANCE);
            }
            change(node, Edits.state(ConsensusType.State.STATE_NORMAL));
            offer(node, "yes");
            town.settle(0, List.of("yes"));
            town.assertSameBlocks();
        }
    }

    @Test
    void whatThisVersionDoesNotCarryOutIsRefusedInPlainWordsAndTheRestGoesOn() {
        try (Town town = town(10)) {
            Town.Node node = town.nodes.getFirst();
            Refusal members = OrdererTest.refusal(
                    node.orderer().offer(update(node, Edits.metadata(metadata -> metadata.removeConsenters(2)))));
            assertThat(members.code()).isEqualTo(Code.UPDATES_NOT_SUPPORTED);
            assertThat(members.text()).contains("consenters");
            change(node, Edits.state(ConsensusType.State.STATE_MAINTENANCE));
            Refusal type = OrdererTest.refusal(node.orderer().offer(update(node, Edits.type("kafka"))));
            assertThat(type.code()).isEqualTo(Code.UPDATES_NOT_SUPPORTED);
            change(node, Edits.state(ConsensusType.State.STATE_NORMAL));
            change(
                    node,
                    Edits.metadata(metadata -> metadata.getOptionsBuilder()
                            .setTickInterval("250ms")
                            .setSnapshotIntervalSize(1 << 16)));
            assertThat(node.orderer().config().options().snapshotIntervalBytes())
                    .isEqualTo(1 << 16);
            town.settle(0, List.of());
            town.assertSameBlocks();
        }
    }

    /// Only a faulty member orders one; every node comes to the same verdict.
    @Test
    void aCommittedConfigThatDoesNotFollowIsRefusedByAllAlike() {
        try (Town town = town(11)) {
            Town.Node node = town.nodes.getFirst();
            offer(node, "before");
            EnvelopeView update = update(node, Edits.maxMessages(3));
            // It claims another result than its update has.
            var tree = consortium.config().tree().toBuilder().setSequence(1).build();
            town.log.inject(new Records(town.nodes.get(1).member, 1).config(1, 0, consortium.config(tree, update)));
            offer(node, "after");
            town.settle(0, List.of("before", "after"));
            town.assertSameBlocks();
            assertThat(town.nodes).allMatch(one -> one.orderer().config().sequence() == 0);
            change(town.nodes.get(2), Edits.maxMessages(3));
        }
    }

    @Test
    void nothingIsLostOrDoubledWhileConfigsAndLeadersChangeAndNodesRestart() {
        churn(21, 50);
    }

    @Test
    @Tag("slow")
    @Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void nothingIsLostOrDoubledForLonger() {
        for (long seed = 200; seed < 203; seed++) {
            churn(seed, 120);
        }
    }

    private void churn(long seed, int rounds) {
        Random random = new Random(seed);
        try (Town town = new Town(root.resolve("seed" + seed), consortium, PATIENT, seed).open()) {
            town.log.malice(MemoryLog.Malice.SOME);
            town.loss(8);
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                clients.add(new Client("c" + i, town, i % Town.NODES));
            }
            List<CompletableFuture<Void>> updates = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                for (Client client : clients) {
                    client.send(1 + random.nextInt(4), 50 + random.nextInt(2000));
                }
                switch (random.nextInt(14)) {
                    case 0 -> town.lead(random.nextInt(Town.NODES));
                    case 1 -> town.log.elect(null);
                    case 2 -> town.nodes.get(random.nextInt(Town.NODES)).restart();
                    case 3 -> town.log.pause(town.nodes.get(random.nextInt(Town.NODES)).member, true);
                    case 4 -> town.nodes.forEach(node -> town.log.pause(node.member, false));
                    case 5, 6, 7, 8 -> drawn(town, random).ifPresent(updates::add);
                    default -> clients.forEach(client -> client.awaitOldest(Duration.ofMillis(100)));
                }
                if (town.log.leader().isEmpty() && random.nextBoolean()) {
                    town.lead(random.nextInt(Town.NODES));
                }
            }
            town.nodes.forEach(node -> town.log.pause(node.member, false));
            town.lead(0);
            clients.forEach(Client::awaitAnswers);
            long taken = updates.stream()
                    .filter(answer ->
                            answer.handle((done, failure) -> failure == null).join())
                    .count();
            town.settle(
                    0,
                    clients.stream()
                            .flatMap(client -> client.ordered().stream())
                            .toList());
            town.assertSameBlocks();
            clients.forEach(Client::assertTold);
            long sequence = town.nodes.getFirst().orderer().config().sequence();
            awaitConfig(town, sequence);
            assertThat(sequence).isGreaterThanOrEqualTo(taken).isLessThanOrEqualTo(updates.size());
            assertThat(taken).isPositive();
            assertThat(clients.stream()
                            .mapToLong(client -> client.ordered().size())
                            .sum())
                    .isGreaterThan(clients.stream().mapToLong(Client::sent).sum() / 2);
        }
    }

    /// An update of some value by some node; none when the value drawn is the one in force.
    private static Optional<CompletableFuture<Void>> drawn(Town town, Random random) {
        Town.Node node = town.nodes.get(random.nextInt(Town.NODES));
        Consumer<ConfigGroup.Builder> edit = random.nextBoolean()
                ? Edits.maxMessages(2 + random.nextInt(30))
                : Edits.batchTimeout(100 + random.nextInt(400) + "ms");
        try {
            return Optional.of(node.orderer().offer(update(node, edit)));
        } catch (Refusal.Refused noChange) {
            return Optional.empty();
        }
    }
}
