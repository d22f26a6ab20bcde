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
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.hyperledger.fabric.protos.orderer.etcdraft.BlockMetadata;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A seat goes to its next incarnation, and only to it.
@Timeout(value = 90, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TakeoverTest {
    private static final OrdererSettings HASTY = new OrdererSettings(true, Duration.ofMillis(2), Duration.ofSeconds(5));

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
    void aNodeComesBackAsTheNextIncarnationOfItsSeat() throws Exception {
        try (Town town = new Town(root, consortium, HASTY, 41).open()) {
            Town.Node node = town.nodes.get(2);
            MemberId before = node.member;
            node.orderer().offer(consortium.envelope("old", 10)).join();
            node.restartAs(2);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> town.log.seatedMembers().stream()
                            .anyMatch(seated -> seated.member().equals(node.member)));
            await().until(() -> node.orderer().status().members().contains(node.member));
            node.orderer().offer(consortium.envelope("new", 10)).join();
            // The next one of its last start, and the first one of a start: neither may count.
            town.log.inject(batch(before, 1, 2, "of the old member"));
            town.log.inject(batch(before, 2, 1, "of the old member, started again"));
            town.nodes
                    .getFirst()
                    .orderer()
                    .offer(consortium.envelope("last", 10))
                    .join();
            town.settle(0, List.of("old", "new", "last"));
            town.assertSameBlocks();
            assertThat(node.names()).containsExactly("old", "new", "last");
            BlockMetadata metadata = BlockMetadata.parseFrom(
                    BlockWriter.consenterMetadata(node.ledger().tip().orElseThrow()));
            assertThat(metadata.getConsenterIdsList()).containsExactly(1L, 2L, 4L);
            assertThat(metadata.getNextConsenterId()).isEqualTo(5);
        }
    }

    /// Its log tells it again that the seat was once held by the incarnation before.
    @Test
    void aNodeThatStartsAgainHearsWhoTookItsSeatOver() {
        try (Town town = new Town(root, consortium, HASTY, 45).open()) {
            Town.Node returned = town.nodes.get(2);
            returned.restartAs(2);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> town.log.seatedMembers().stream()
                            .anyMatch(seated -> seated.member().equals(returned.member)));
            Town.Node again = town.nodes.get(1);
            town.lead(2);
            again.restart();
            again.orderer().offer(consortium.envelope("heard", 10)).join();
            town.settle(2, List.of("heard"));
            town.assertSameBlocks();
        }
    }

    /// The seats of a new channel begin with the first incarnation; the engine begins with the members there are. Both
    /// as a follower and as the leader.
    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void aChannelThatBeginsWithAMemberOfALaterLifeTakesItsEnvelopes(int leader) throws Exception {
        try (Town town = new Town(root, consortium, HASTY, 44, 2).open()) {
            town.lead(leader);
            Town.Node node = town.nodes.get(2);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> node.orderer().status().members().contains(node.member));
            node.orderer().offer(consortium.envelope("mine", 10)).join();
            town.nodes.get(1).orderer().offer(consortium.envelope("theirs", 10)).join();
            town.settle(leader, List.of("mine", "theirs"));
            town.assertSameBlocks();
            assertThat(town.log.seatedMembers())
                    .extracting(seated -> seated.member().incarnation())
                    .containsExactlyInAnyOrder(1, 1, 2);
        }
    }

    @Test
    void aTakeoverThatIsNotTheSeatsIsDroppedEverywhere() {
        try (Town town = new Town(root, consortium, HASTY, 42).open()) {
            MemberId held = town.nodes.get(2).member;
            MemberId next = new MemberId(held.seat(), 2);
            // the key of another seat, a member that does not hold it, an incarnation that is no later one
            inject(town, 2, held, next, consortium.seatKey(1));
            inject(town, 2, next, new MemberId(held.seat(), 3), consortium.seatKey(2));
            inject(town, 2, held, held, consortium.seatKey(2));
            inject(town, 1, held, next, consortium.seatKey(1));
            inject(town, 7, held, next, consortium.seatKey(2));
            inject(town, 2, held, next, message -> ByteString.copyFromUtf8("no signature"));
            town.nodes
                    .get(2)
                    .orderer()
                    .offer(consortium.envelope("still here", 10))
                    .join();
            town.settle(0, List.of("still here"));
            for (Town.Node node : town.nodes) {
                assertThat(node.orderer().status().members()).contains(held).doesNotContain(next);
            }
        }
    }

    @Test
    void aSupersededMemberTakesNothingMoreAndATakeoverCountsOnce() throws Exception {
        try (Town town = new Town(root, consortium, HASTY, 43).open()) {
            Town.Node old = town.nodes.get(2);
            MemberId next = new MemberId(old.member.seat(), 2);
            old.orderer().offer(consortium.envelope("before", 10)).join();
            inject(town, 2, old.member, next, consortium.seatKey(2));
            inject(town, 2, old.member, next, consortium.seatKey(2));
            await().until(() -> old.orderer().status().role() == OrdererStatus.Role.OBSERVER);
            CompletableFuture<Void> late = old.orderer().offer(consortium.envelope("late", 10));
            assertThat(OrdererTest.refusal(late).code()).isEqualTo(Code.MEMBER_SUPERSEDED);
            town.nodes.get(1).orderer().offer(consortium.envelope("after", 10)).join();
            await().until(() -> old.names().contains("after"));
            assertThat(old.names()).containsExactly("before", "after");
            BlockMetadata metadata = BlockMetadata.parseFrom(
                    BlockWriter.consenterMetadata(old.ledger().tip().orElseThrow()));
            assertThat(metadata.getConsenterIdsList()).containsExactly(1L, 2L, 4L);
        }
    }

    private static void inject(Town town, int seat, MemberId before, MemberId now, Takeovers.SeatKey key) {
        town.log.inject(Records.takeover(Takeovers.sign(Consortium.CHANNEL, seat, before, now, key)));
    }

    private static ByteString batch(MemberId member, long epoch, long sequence, String name) {
        return new Records(member, epoch)
                .batch(
                        sequence,
                        consortium.config().sequence(),
                        List.of(consortium.envelope(name, 10).bytes()));
    }
}
