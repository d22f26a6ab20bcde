package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Copies of a state with something of every type: the sound one passes, and each kind of meddling is found.
class StateCopyTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final ShardState.Options DIGESTED = new ShardState.Options(true);

    @TempDir
    Path temp;

    private Path copy;
    private byte[] digest;

    @BeforeEach
    void copyOne() throws IOException {
        copy = temp.resolve("copy");
        try (StateRig rig = StateRig.open(temp.resolve("state"), NOW)) {
            rig.ask("SET", "short", "1", "PX", "5000");
            rig.ask("SETRANGE", "long", "100000", "x");
            rig.ask("HSET", "hash", "a", "1", "b", "2");
            rig.ask("SADD", "set", "x", "y", "z");
            rig.ask("RPUSH", "list", "1", "2", "3", "4");
            rig.ask("LINSERT", "list", "BEFORE", "3", "2.5");
            rig.ask("RPUSH", "even", "1", "2", "3");
            List<Command> adds = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                adds.add(Command.of("ZADD", "zset", Integer.toString(i * 7919 % 1000), "m" + i));
            }
            rig.apply(adds);
            rig.ask("ZREMRANGEBYRANK", "zset", "100", "499");
            rig.ask("SET", "gone", "1", "PX", "1");
            rig.state().checkpoint(copy);
            digest = rig.state().digest().orElseThrow();
        }
    }

    @Test
    void aSoundCopyPassesWithTheOriginalsDigest() throws IOException {
        assertThat(StateCopy.seal(copy).digest()).hasValue(new BlockDigest(9, digest));
        StateCopy.Seal seal = StateCopy.examine(copy, DIGESTED);
        assertThat(seal).isEqualTo(new StateCopy.Seal(9, Optional.of(new BlockDigest(9, digest))));
        try (StateRig rig = StateRig.open(copy, NOW)) {
            assertThat(rig.state().digests(0, 100)).containsExactly(new BlockDigest(9, digest));
            assertThat(rig.ask("ZCARD", "zset")).isEqualTo(new Reply.Whole(600));
            rig.ask("SET", "k", "v");
            assertThat(rig.state().digest()).hasValue(rig.state().recount());
        }
    }

    @Test
    void lookingAtACopyChangesNoFile() throws IOException {
        List<String> before = files();
        StateCopy.seal(copy);
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void otherContentHasAnotherDigest() throws IOException {
        Planted.change(copy, editor -> editor.put(bytes("planted"), Entry.string(bytes("x"))));
        // It is a state in itself, and another one than the original.
        StateCopy.Seal seal = StateCopy.examine(copy, DIGESTED);
        assertThat(seal.digest()).isPresent();
        assertThat(seal.digest().get().digest()).isNotEqualTo(digest);
    }

    @Test
    void aValueChangedPastTheDigestIsFound() throws IOException {
        Entry entry = entry("short");
        assertFound(Layout.entry(bytes("short")), entry.withBody(bytes("2")).encode(), "total");
        byte[] field = Layout.member(entry("hash").generation(), Slotted.member(bytes("a")));
        assertFound(field, bytes("9"), "the sum of a collection");
    }

    @Test
    void indexesThatDoNotFollowFromTheKeysAreFound() throws IOException {
        byte[] key = bytes("short");
        assertFound(Layout.slot(Layout.slotFor(key), key), null, "order of SCAN");
        assertFound(Layout.slot(1, bytes("more")), Layout.NOTHING, "order of SCAN");
        assertFound(Layout.expiry(NOW + 5000, key), null, "order of expiry");
        assertFound(Layout.expiry(NOW + 1, bytes("set")), Layout.NOTHING, "order of expiry");
    }

    @Test
    void whatTheHeaderSaysIsCounted() throws IOException {
        Header header = header();
        assertFound(
                Layout.header(),
                new Header(true, header.block(), header.timeMillis(), header.nextGeneration(), 99).encode(),
                "says 99");
        assertFound(Layout.header(), new Header(true, header.block(), NOW, 1, header.keys()).encode(), "next one");
        assertFound(
                Layout.header(),
                new Header(true, 3, NOW, header.nextGeneration(), header.keys()).encode(),
                "changed by block");
        assertFound(Layout.digest(9), new byte[32], "the digest noted for its block");
    }

    @Test
    void ordersAndCountsOfASortedSetFollowFromItsMembers() throws IOException {
        long generation = entry("zset").generation();
        byte[] fence = {(byte) (Ranking.PART + 1)};
        assertFound(Layout.member(generation, fence), new byte[12], "counts of a sorted set");
        assertFound(Layout.member(generation, Ranking.at(Scores.place(0, bytes("m0")))), null, "order of its sorted");
        assertFound(Layout.member(generation, Ranking.at(Scores.place(9, bytes("n")))), Layout.NOTHING, "order of a");
        assertFound(Layout.member(generation, new byte[] {(byte) 0xf0}), new byte[12], "more counts than levels");
    }

    @Test
    void aListsEndsAreThoseOfItsElements() throws IOException {
        Entry list = entry("list");
        assertFound(Layout.entry(bytes("list")), list.withBody(new byte[16]).encode(), "a list");
        assertFound(Layout.entry(bytes("list")), list.withForm(0).encode(), "even");
        assertFound(Layout.entry(bytes("even")), list.withGeneration(99).encode(), "number 99");
    }

    @Test
    void membersOfNothingAreFound() throws IOException {
        assertFound(Layout.member(1_000, Slotted.member(bytes("m"))), bytes("x"), "members of no collection");
        assertFound(Layout.entry(bytes("set")), new byte[] {9, 9, 9}, "version 9");
    }

    @Test
    void aCopyThatKeepsNoDigestIsNotTakenForOneThatDoes() {
        assertThatThrownBy(() -> StateCopy.examine(copy, new ShardState.Options(false)))
                .isInstanceOf(StateUnusable.class)
                .hasMessageContaining("keeps a digest");
        assertThatThrownBy(() -> StateCopy.seal(temp.resolve("nowhere"))).isInstanceOf(IOException.class);
    }

    /// Sets a record of the copy, has it examined, and puts the record back.
    private void assertFound(byte[] at, byte @Nullable [] value, String complaint) throws IOException {
        byte @Nullable [] before = write(at, value);
        assertThatThrownBy(() -> StateCopy.examine(copy, DIGESTED))
                .isInstanceOf(StateUnusable.class)
                .hasMessageContaining(complaint);
        write(at, before);
        assertThat(StateCopy.examine(copy, DIGESTED).block()).isEqualTo(9);
    }

    private byte @Nullable [] write(byte[] at, byte @Nullable [] value) throws IOException {
        Rocks rocks = Rocks.open(copy);
        byte @Nullable [] before = rocks.now().get(at);
        if (value == null) {
            rocks.delete(at);
        } else {
            rocks.put(at, value);
        }
        rocks.close();
        return before;
    }

    private Entry entry(String key) throws IOException {
        return Entry.decode(stored(Layout.entry(bytes(key))));
    }

    private Header header() throws IOException {
        return Header.decode(stored(Layout.header()));
    }

    private byte[] stored(byte[] at) throws IOException {
        Rocks rocks = Rocks.look(copy);
        byte @Nullable [] stored = rocks.now().get(at);
        rocks.close();
        return Objects.requireNonNull(stored);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(copy)) {
            return files.map(Path::toString).sorted().toList();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
