package org.holdfast.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.holdfast.state.Batch;
import org.holdfast.state.BlockDigest;
import org.holdfast.state.Command;
import org.holdfast.state.ShardState;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.CheckpointPart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// States that come from other members, over real states and ledgers, with only the network on paper. How they came is
/// told by the digests: one that was made from blocks has them from block 0 on.
@Timeout(120)
class CheckpointTest {
    private static final ShardName NAME = new ShardName("k", 1, 0, true);
    private static final long BLOCKS = 20;

    @TempDir
    Path temp;

    private final List<House> houses = new ArrayList<>();
    private final AtomicLong limit = new AtomicLong(Long.MAX_VALUE);
    private Town town;
    private PaperChannel channel;
    private PaperPeers peers;

    @BeforeEach
    void build() throws Exception {
        town = new Town(temp.resolve("town"));
        House first = house("a", 0);
        channel = first.open(NAME);
        peers = new PaperPeers(NAME.channel()).with("a", first.keyspaces());
        first.settled();
        for (int i = 0; i < BLOCKS; i++) {
            assertThat(first.text("RPUSH", "k:t:list", "v" + i)).isEqualTo(Integer.toString(i + 1));
        }
        first.text("HSET", "k:t:hash", "f", "v");
    }

    @AfterEach
    void leave() {
        houses.reversed().forEach(House::close);
    }

    private House house(String name, long checkpointBlocks) {
        House house = new House(town, temp.resolve(name), checkpointBlocks);
        houses.add(house);
        return house;
    }

    /// A further member that has everything from blocks.
    private House member(String name) {
        House house = house(name, 0);
        house.keyspaces().opened(new Seat(channel, StatePeers.NONE, 0));
        await().until(() -> applied(house) == channel.feed().height() - 1);
        peers.with(name, house.keyspaces());
        return house;
    }

    /// A node that has no state yet.
    private House newcomer(long checkpointBlocks, long firstBlock) {
        House house = house("new", checkpointBlocks);
        house.keyspaces().opened(new Seat(channel, peers, firstBlock, limit));
        return house;
    }

    /// A node that was wiped: its blocks come later.
    private House wiped(long checkpointBlocks) {
        limit.set(2);
        return newcomer(checkpointBlocks, 0);
    }

    private static long applied(House house) {
        return house.keyspaces()
                .report(NAME.channel())
                .map(ShardReport::appliedBlock)
                .orElse(-1L);
    }

    private static ShardState state(House house) {
        return house.keyspaces().state(NAME.channel()).orElseThrow();
    }

    /// The first block whose digest is remembered.
    private static long since(House house) {
        return house.keyspaces()
                .state(NAME.channel())
                .flatMap(open -> open.digests(0, 1).stream().findFirst())
                .map(BlockDigest::block)
                .orElse(-1L);
    }

    private void assertEqualFromNowOn(House house) {
        House first = houses.getFirst();
        limit.set(Long.MAX_VALUE);
        assertThat(first.text("RPUSH", "k:t:list", "more")).isNotEmpty();
        await().until(() -> applied(house) == channel.feed().height() - 1);
        assertThat(state(house).digest()).hasValue(state(first).digest().orElseThrow());
        assertThat(state(house).recount()).isEqualTo(state(first).digest().orElseThrow());
        assertThat(house.text("LLEN", "k:t:list")).isEqualTo(first.text("LLEN", "k:t:list"));
    }

    private List<String> beside(String node) throws IOException {
        try (Stream<Path> files = Files.list(temp.resolve(node).resolve("state"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aStateThatIsFarBehindComesFromAnotherMember() throws Exception {
        member("b");
        House house = wiped(5);
        await().until(() -> since(house) > 0);
        assertEqualFromNowOn(house);
        await().untilAsserted(() ->
                assertThat(beside("new")).containsExactly(NAME.channel().name()));
        assertThat(beside("a")).containsExactly(NAME.channel().name());
        assertThat(house.text("GET", "k:t:none")).isEqualTo("nil");
        house.restart();
        assertThat(since(houses.getFirst())).isZero();
    }

    @Test
    void aStateThatIsNotFarBehindIsMadeFromBlocks() {
        member("b");
        House house = newcomer(100, 0);
        assertEqualFromNowOn(house);
        assertThat(since(house)).isZero();
        assertThat(peers.asked).isEmpty();
    }

    @Test
    void aCheckpointThatComesChangedIsNotTakenAndAnotherMemberIsAsked() {
        member("b");
        peers.forge(
                "a",
                part -> part.hasChunk()
                        ? part.toBuilder()
                                .setChunk(ByteString.copyFrom(
                                        new byte[part.getChunk().size()]))
                                .build()
                        : part);
        House house = wiped(5);
        await().until(() -> since(house) > 0);
        assertThat(peers.asked).startsWith("a", "b");
        assertEqualFromNowOn(house);
    }

    @Test
    void aMemberThatSaysTheDigestOfOthersAndSendsOtherContentPlantsNothing() throws Exception {
        House honest = member("b");
        House liar = member("c");
        plant(liar);
        byte[] truth = state(honest).digest().orElseThrow();
        // It lies about its head only: the files are those of its state, with checksums that are right.
        peers.forge(
                "c",
                part -> part.hasHead()
                        ? CheckpointPart.newBuilder()
                                .setHead(part.getHead().toBuilder()
                                        .setBlock(channel.feed().height() - 1)
                                        .setDigest(ByteString.copyFrom(truth)))
                                .build()
                        : part);
        Taking.Outcome outcome = take(new PaperPeersOnly("c"), applied(liar));
        assertThat(outcome.taken()).isEmpty();
        assertThat(outcome.answered()).isTrue();
    }

    @Test
    void aStateThatNoOtherMemberSharesIsNotTakenAndBlocksMakeIt() throws Exception {
        House wrong = member("c");
        plant(wrong);
        House house = newcomer(5, 0);
        assertEqualFromNowOn(house);
        // Of two members one is wrong, and nobody can say which.
        assertThat(since(house)).isZero();
        await().until(() -> {
            synchronized (peers.asked) {
                return peers.asked.containsAll(List.of("a", "c"));
            }
        });
    }

    @Test
    void theMajorityIsBelievedWhereOneMemberIsWrong() throws Exception {
        plant(member("c"));
        member("b");
        House house = wiped(5);
        await().until(() -> since(house) > 0);
        assertEqualFromNowOn(house);
    }

    @Test
    void withoutABlockThatIsNeededACheckpointIsTheOnlyWay() {
        House house = newcomer(0, 10);
        // Only one other member: nobody to compare with, and no other way.
        await().until(() -> since(house) > 0);
        assertThat(peers.asked).isNotEmpty();
        assertEqualFromNowOn(house);
    }

    @Test
    void whoMissesABlockAndFindsNobodyRefusesAndSaysWhy() {
        House house = house("new", 5);
        PaperPeers nobody = new PaperPeers(NAME.channel());
        house.keyspaces().opened(new Seat(channel, nobody, 10));
        await().until(() -> house.keyspaces()
                .report(NAME.channel())
                .flatMap(ShardReport::problem)
                .filter(text -> text.contains("block 0 is not in the ledger any more"))
                .isPresent());
        assertThatThrownBy(() -> house.text("SET", "k:t:x", "1"))
                .isInstanceOfSatisfying(
                        Refusal.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo(Code.SHARD_NOT_HERE))
                .hasMessageContaining("not in the ledger any more");
    }

    @Test
    void whatAProcessLeftThatDiedIsSweptAndAnUnfinishedChangeIsUndone() throws Exception {
        House house = member("b");
        house.close();
        houses.remove(house);
        Path root = temp.resolve("b/state");
        String name = NAME.channel().name();
        Files.move(root.resolve(name), root.resolve(name + ".replaced-3"));
        Files.createDirectories(root.resolve(name + ".incoming-2"));
        Files.writeString(root.resolve(name + ".incoming-2/CURRENT"), "x");
        Files.createDirectories(root.resolve(name + ".outgoing-1.tmp"));
        House again = new House(town, temp.resolve("b"), 0);
        houses.add(again);
        again.keyspaces().opened(new Seat(channel, StatePeers.NONE, 0));
        await().until(() -> applied(again) == channel.feed().height() - 1);
        assertThat(beside("b")).containsExactly(name);
        assertThat(since(again)).isZero();
    }

    @Test
    void onlySoManyAreSentAtATimeAndOnlyWhatIsNewer() throws Exception {
        Keyspaces keyspaces = houses.getFirst().keyspaces();
        long applied = applied(houses.getFirst());
        assertRefused(Code.STATE_BEHIND, () -> keyspaces.checkpoint(NAME.channel(), applied, part -> {}));
        assertRefused(
                Code.SHARD_NOT_HERE,
                () -> keyspaces.checkpoint(new ShardName("other", 1, 0, true).channel(), -1, part -> {}));
        CountDownLatch under = new CountDownLatch(Sending.AT_ONCE);
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < Sending.AT_ONCE; i++) {
            Town.WORLD.start(
                    "send",
                    () -> keyspaces.checkpoint(NAME.channel(), -1, part -> {
                        under.countDown();
                        try {
                            end.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }));
        }
        under.await();
        assertRefused(Code.OVERLOADED, () -> keyspaces.checkpoint(NAME.channel(), -1, part -> {}));
        assertThat(beside("a")).hasSize(1 + Sending.AT_ONCE);
        end.countDown();
        await().untilAsserted(() -> assertThat(beside("a")).hasSize(1));
        keyspaces.checkpoint(NAME.channel(), -1, part -> {});
    }

    private static void assertRefused(Code code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refusal.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo(code));
    }

    /// One member's states, the others as witnesses only.
    private final class PaperPeersOnly implements StatePeers {
        private final String sender;

        PaperPeersOnly(String sender) {
            this.sender = sender;
        }

        @Override
        public List<String> names() {
            return peers.names();
        }

        @Override
        public java.util.Optional<Told> told(String member, long block) {
            boolean standing = block == Long.MAX_VALUE && !member.equals(sender);
            return standing ? java.util.Optional.empty() : peers.told(member, block);
        }

        @Override
        public Parts checkpoint(String member, long applied) throws IOException {
            return peers.checkpoint(member, applied);
        }
    }

    private Taking.Outcome take(StatePeers from, long least) {
        StateDirs dirs = new StateDirs(Town.WORLD.disk(), temp.resolve("alone/state"), new AtomicLong());
        Taking taking = new Taking(Town.WORLD, new Seat(channel, from, 0), NAME, dirs, new CountDownLatch(1));
        return taking.take(new Taking.Want(-1, Math.min(least, 5), false));
    }

    /// Sets a key in a member's state, as no block says; the state is as many blocks on as the others' afterwards.
    private void plant(House house) throws IOException {
        Path directory = Objects.requireNonNull(
                temp.resolve("c/state").resolve(NAME.channel().name()));
        house.keyspaces().closed(NAME.channel());
        try (ShardState state = ShardState.open(Town.WORLD, directory, new ShardState.Options(true))) {
            List<byte[]> words = Stream.of("SET", "t:planted", "x")
                    .map(word -> word.getBytes(StandardCharsets.UTF_8))
                    .toList();
            Batch.Group group = Batch.Group.of(new Command(words));
            state.apply(new Batch(state.appliedBlock() + 1, state.appliedMillis(), new byte[] {1}, List.of(group)));
        }
        assertThat(houses.getFirst().text("HSET", "k:t:hash", "f", "v")).isEqualTo("0");
        house.keyspaces().opened(new Seat(channel, StatePeers.NONE, 0));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> applied(house) == channel.feed().height() - 1);
    }
}
