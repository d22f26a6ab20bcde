package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.holdfast.channel.BatchSize;
import org.holdfast.wire.EnvelopeView;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Envelopes larger than a record, over the hostile log.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LargeEnvelopeTest {
    private static final OrdererSettings PATIENT =
            new OrdererSettings(true, Duration.ofMillis(2), Duration.ofSeconds(30));

    @TempDir
    static Path shared;

    private static Consortium consortium;

    @TempDir
    Path root;

    @BeforeAll
    static void found() {
        consortium = new Consortium(shared, new BatchSize(50, 10 << 20, 2 << 20), Duration.ofMillis(400));
    }

    @Test
    void aLargeEnvelopeAmongSmallOnesSurvivesItsLeaders() {
        try (Town town = new Town(root, consortium, PATIENT, 21).open()) {
            town.log.malice(MemoryLog.Malice.SOME);
            town.loss(10);
            EnvelopeView largest = consortium.envelope("largest", (10 << 20) - 5000);
            EnvelopeView large = consortium.envelope("large", 3_500_000);
            Client ahead = new Client("ahead", town, 1);
            Client aside = new Client("aside", town, 0);
            ahead.send(5, 300);
            CompletableFuture<Void> first = town.nodes.get(1).orderer().offer(largest);
            CompletableFuture<Void> second = town.nodes.get(2).orderer().offer(large);
            for (int round = 0; round < 8; round++) {
                long before = town.log.lastIndex();
                aside.send(2, 2000);
                ahead.send(2, 500);
                await().atMost(Duration.ofSeconds(20)).until(() -> town.log.lastIndex() > before + 1);
                town.lead(round % Town.NODES);
            }
            town.lead(0);
            ahead.awaitAnswers();
            aside.awaitAnswers();
            first.join();
            second.join();
            town.settle(0, List.of("largest", "large"));
            town.assertSameBlocks();
            ahead.assertTold();
            aside.assertTold();
            assertThat(data(town.nodes.get(2), "largest")).containsExactly(largest.bytes());
            assertThat(data(town.nodes.get(0), "large")).containsExactly(large.bytes());
        }
    }

    @Test
    void anOriginThatDiesBetweenFragmentsLeavesNothingAndHoldsNobody() {
        try (Town town = new Town(root, consortium, PATIENT, 22).open()) {
            Town.Node dying = town.nodes.get(2);
            ByteString large = consortium.envelope("half", 4_000_000).bytes();
            List<ByteString> parts = new Records(dying.member, 1)
                    .fragments(1, consortium.config().sequence(), large, false);
            assertThat(parts).hasSizeGreaterThan(3);
            town.log.inject(parts.get(0));
            town.log.inject(parts.get(1));
            Client small = new Client("small", town, 0);
            small.send(20, 100);
            small.awaitAnswers();
            // Its blocks are written now: they carry the half envelope in their metadata.
            dying.restart();
            town.nodes.get(1).restart();
            Client back = new Client("back", town, 2);
            back.send(5, 100);
            back.awaitAnswers();
            // What the dead start still had on the way comes too late.
            parts.subList(2, parts.size()).forEach(town.log::inject);
            back.send(2, 100);
            back.awaitAnswers();
            assertThat(back.ordered()).hasSize(7);
            town.settle(0, back.ordered());
            town.assertSameBlocks();
            assertThat(town.nodes.getFirst().names()).doesNotContain("half");
            small.assertTold();
            back.assertTold();
        }
    }

    @Test
    void aRestartBetweenFragmentsReadsTheFirstOnesAgain() {
        try (Town town = new Town(root, consortium, PATIENT, 23).open()) {
            Town.Node origin = town.nodes.get(2);
            EnvelopeView large = consortium.envelope("whole", 4_000_000);
            List<ByteString> parts = new Records(origin.member, 1)
                    .fragments(1, consortium.config().sequence(), large.bytes(), false);
            Client small = new Client("small", town, 0);
            for (ByteString part : parts) {
                town.log.inject(part);
                small.send(1, 100);
                small.awaitAnswers();
                long height = town.nodes.get(1).ledger().height();
                await().until(() -> town.nodes.getFirst().ledger().height() >= height);
                town.nodes.get(1).restart();
            }
            town.settle(0, List.of("whole"));
            town.assertSameBlocks();
            assertThat(data(town.nodes.get(1), "whole")).containsExactly(large.bytes());
        }
    }

    private static List<ByteString> data(Town.Node node, String name) {
        return java.util.stream.LongStream.range(1, node.ledger().height())
                .mapToObj(number -> Town.view(node.ledger().block(number)).data())
                .flatMap(List::stream)
                .filter(envelope ->
                        Consortium.view(envelope).channelHeader().getTxId().equals(name))
                .toList();
    }
}
