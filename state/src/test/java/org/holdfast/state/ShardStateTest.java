package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.holdfast.env.Invariant;
import org.holdfast.env.World;
import org.holdfast.wire.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Blocks are applied once, wholly and in order; time is the record's; the digest is that of the content.
class ShardStateTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final ShardState.Options DIGESTED = new ShardState.Options(true);

    @TempDir
    Path directory;

    @Test
    void aBlockIsAppliedOnce() throws IOException {
        try (StateRig rig = StateRig.open(place("a"), NOW)) {
            Batch batch = rig.batch(Batch.Group.of(Command.of("INCR", "n")));
            assertThat(rig.state().apply(batch)).containsExactly(Reply.of(1));
            assertThat(rig.state().apply(batch)).isEmpty();
            assertThat(rig.ask("GET", "n")).isEqualTo(Reply.bulk("1"));
            assertThat(rig.state().appliedBlock()).isZero();
        }
    }

    @Test
    void aGapIsABug() throws IOException {
        try (StateRig rig = StateRig.open(place("a"), NOW)) {
            rig.ask("INCR", "n");
            Batch tooFar = new Batch(5, NOW, new byte[0], List.of());
            assertThatThrownBy(() -> rig.state().apply(tooFar)).isInstanceOf(Invariant.class);
        }
    }

    @Test
    void laterCommandsOfABlockSeeTheEarlierOnes() throws IOException {
        try (StateRig rig = StateRig.open(place("a"), NOW)) {
            assertThat(rig.apply(List.of(
                            Command.of("SET", "k", "1"),
                            Command.of("INCR", "k"),
                            Command.of("RENAME", "k", "l"),
                            Command.of("KEYS", "*"),
                            Command.of("GET", "k"),
                            Command.of("INCRBY", "l", "x"))))
                    .containsExactly(
                            Reply.OK,
                            Reply.of(2),
                            Reply.OK,
                            new Reply.Listing(List.of(Reply.bulk("l"))),
                            Reply.NIL,
                            Reply.Failure.err("value is not an integer or out of range"));
        }
    }

    @Test
    void aTransactionIsStoppedByWhatItWatched() throws IOException {
        try (StateRig rig = StateRig.open(place("a"), NOW)) {
            rig.ask("SET", "k", "1");
            byte[] key = bytes("k");
            long version = rig.state().version(key, NOW);
            assertThat(rig.transaction(List.of(new Batch.Watch(key, version)), Command.of("INCR", "k")))
                    .containsExactly(new Reply.Listing(List.of(Reply.of(2))));
            assertThat(rig.transaction(List.of(new Batch.Watch(key, version)), Command.of("INCR", "k")))
                    .containsExactly(Reply.NIL_LISTING);
            assertThat(rig.ask("GET", "k")).isEqualTo(Reply.bulk("2"));
            long absent = rig.state().version(bytes("none"), NOW);
            assertThat(absent).isEqualTo(-1);
            assertThat(rig.transaction(List.of(new Batch.Watch(bytes("none"), absent)), Command.of("GET", "k")))
                    .containsExactly(new Reply.Listing(List.of(Reply.bulk("2"))));
        }
    }

    @Test
    void keysExpireByTheRecordsTimeAndAreRemovedInApply() throws IOException {
        try (StateRig rig = StateRig.open(place("a"), NOW)) {
            rig.ask("SET", "k", "1", "PX", "100");
            rig.pass(99);
            assertThat(rig.ask("PTTL", "k")).isEqualTo(Reply.of(1));
            byte[] before = rig.state().recount();
            rig.pass(1);
            assertThat(rig.ask("GET", "k")).isEqualTo(Reply.NIL);
            assertThat(rig.ask("DBSIZE")).isEqualTo(Reply.of(1));
            assertThat(rig.state().digest()).hasValue(before);
            rig.apply(List.of());
            assertThat(rig.ask("DBSIZE")).isEqualTo(Reply.of(0));
            assertThat(rig.state().digest()).hasValue(new DigestBook(new LatticeSum()).digest());
        }
    }

    @Test
    void aBatchRemovesABoundedNumberOfExpiredKeys() throws IOException {
        try (StateRig rig = StateRig.open(place("a"), NOW)) {
            List<Command> many = new ArrayList<>();
            for (int i = 0; i < ShardState.EXPIRED_PER_BATCH + 5; i++) {
                many.add(Command.of("SET", "k" + i, "v", "PXAT", Long.toString(NOW + 1 + i)));
            }
            rig.apply(many);
            rig.pass(1_000_000);
            assertThat(rig.ask("EXISTS", "k1004")).isEqualTo(Reply.of(0));
            rig.apply(List.of());
            assertThat(rig.state().keys()).isEqualTo(5);
            assertThat(rig.ask("SETNX", "k1004", "new")).isEqualTo(Reply.of(1));
            assertThat(rig.state().keys()).isEqualTo(1);
            assertThat(rig.state().digest()).hasValue(rig.state().recount());
        }
    }

    @Test
    void timeNeverGoesBack() throws IOException {
        try (StateRig rig = StateRig.open(place("a"), NOW)) {
            rig.ask("SET", "k", "1", "PX", "100");
            rig.pass(200);
            rig.apply(List.of());
            rig.pass(-200);
            rig.ask("SET", "l", "1", "PX", "100");
            assertThat(rig.ask("PEXPIRETIME", "l")).isEqualTo(Reply.of(NOW + 300));
            assertThat(rig.state().appliedMillis()).isEqualTo(NOW + 200);
        }
    }

    @Test
    void theSameBlocksMakeTheSameStateAlsoAfterReopening() throws IOException {
        try (StateRig one = StateRig.open(place("a"), NOW);
                StateRig two = StateRig.open(place("b"), NOW)) {
            Sentences a = new Sentences(77, WRITES);
            Sentences b = new Sentences(77, WRITES);
            for (int i = 0; i < 200; i++) {
                assertThat(two.apply(List.of(b.next(), b.next()))).isEqualTo(one.apply(List.of(a.next(), a.next())));
                if (i % 20 == 0) {
                    two.reopen();
                }
                one.pass(10);
                two.pass(10);
            }
            assertThat(two.state().digests(0, 1000)).isEqualTo(one.state().digests(0, 1000));
            assertThat(two.state().digests(0, 1000)).hasSize(200);
            assertThat(two.state().digest()).hasValue(one.state().recount());
        }
    }

    @Test
    void aPlantedDifferenceIsFoundAndNamed() throws IOException {
        for (String name : List.of("a", "b")) {
            try (StateRig rig = StateRig.open(place(name), NOW)) {
                rig.ask("SET", "k", "1");
                rig.ask("SET", "l", "1");
            }
        }
        Planted.change(place("a"), editor -> editor.put(bytes("k"), Entry.string(bytes("2"))));
        Planted.change(place("b"), editor -> editor.put(bytes("k"), Entry.string(bytes("3"))));
        try (StateRig one = StateRig.open(place("a"), NOW);
                StateRig two = StateRig.open(place("b"), NOW)) {
            one.ask("SET", "m", "1");
            two.ask("SET", "m", "1");
            assertThat(BlockDigest.firstDifference(
                            one.state().digests(0, 100), two.state().digests(0, 100)))
                    .hasValue(2);
            assertThat(BlockDigest.firstDifference(
                            one.state().digests(0, 2), two.state().digests(0, 2)))
                    .isEmpty();
        }
    }

    @Test
    void theDigestDoesNotSeeHowTheContentCameAbout() throws IOException {
        try (StateRig one = StateRig.open(place("a"), NOW);
                StateRig two = StateRig.open(place("b"), NOW)) {
            one.ask("SET", "k", "ab");
            one.ask("SET", "l", "1");
            two.ask("SET", "l", "1");
            two.ask("SET", "z", "1");
            two.ask("APPEND", "k", "a");
            two.ask("APPEND", "k", "b");
            two.ask("DEL", "z");
            assertThat(two.state().digest()).hasValue(one.state().digest().orElseThrow());
            two.ask("PEXPIREAT", "k", Long.toString(NOW + 1000));
            assertThat(two.state().digest().orElseThrow())
                    .isNotEqualTo(one.state().digest().orElseThrow());
            two.ask("PERSIST", "k");
            assertThat(two.state().digest()).hasValue(one.state().digest().orElseThrow());
            two.ask("FLUSHALL");
            assertThat(two.state().digest()).hasValue(new DigestBook(new LatticeSum()).digest());
        }
    }

    @Test
    void aDigestCanBeTurnedOffAndOn() throws IOException {
        Path place = place("a");
        Planted.change(place, editor -> collection(editor, "kept", 3));
        try (ShardState state = ShardState.open(World.real(), place, new ShardState.Options(false))) {
            state.apply(new Batch(1, NOW, new byte[0], List.of(Batch.Group.of(Command.of("SET", "k", "1")))));
            state.edit(editor -> {
                Entry kept = java.util.Objects.requireNonNull(editor.find(bytes("kept")));
                editor.putMember(kept, bytes("\u0001more"), bytes("value"));
                editor.put(bytes("kept"), kept.withSize(4));
            });
            assertThat(state.digest()).isEmpty();
        }
        try (StateRig rig = StateRig.open(place, NOW)) {
            rig.ask("SET", "l", "1");
            assertThat(rig.state().digest()).hasValue(rig.state().recount());
            rig.state().edit(editor -> {
                Entry kept = java.util.Objects.requireNonNull(editor.find(bytes("kept")));
                editor.removeMember(kept, bytes("\u0001field1"));
                editor.put(bytes("kept"), kept.withSize(3));
            });
            assertThat(rig.state().digest()).hasValue(rig.state().recount());
            rig.state().optimize();
            assertThat(rig.state().bytesOnDisk()).isPositive();
        }
    }

    @Test
    void collectionsAreDroppedRenamedAndCopiedWhole() throws IOException {
        Path place = place("a");
        Planted.change(place, editor -> collection(editor, "big", 500));
        Planted.change(place, editor -> collection(editor, "small", 5));
        try (ShardState state = ShardState.open(World.real(), place, DIGESTED)) {
            byte[] both = state.digest().orElseThrow();
            assertThat(both).isEqualTo(state.recount());
            state.edit(editor -> editor.rename(bytes("big"), bytes("moved")));
            assertThat(state.digest()).hasValue(state.recount());
            state.edit(editor -> editor.rename(bytes("moved"), bytes("big")));
            assertThat(state.digest()).hasValue(both);
            state.edit(editor -> {
                Entry big = editor.find(bytes("big"));
                assertThat(big).isNotNull();
                editor.copy(java.util.Objects.requireNonNull(big), bytes("copy"));
            });
            assertThat(state.digest()).hasValue(state.recount());
            state.edit(editor -> {
                editor.remove(bytes("copy"));
                editor.remove(bytes("small"));
                collection(editor, "small", 5);
            });
            assertThat(state.digest()).hasValue(both);
            state.edit(editor -> editor.put(bytes("big"), Entry.string(bytes("x"))));
            state.edit(editor -> editor.remove(bytes("small")));
            assertThat(state.digest()).hasValue(state.recount());
            assertThat(state.leftovers()).isZero();
            state.edit(Editor::clear);
            assertThat(state.digest()).hasValue(new DigestBook(new LatticeSum()).digest());
            assertThat(state.keys()).isZero();
        }
    }

    @Test
    void aCheckpointOpensLikeTheOriginal() throws IOException {
        Path copy = place("copy");
        try (StateRig rig = StateRig.open(place("a"), NOW)) {
            rig.ask("SET", "k", "1");
            rig.state().checkpoint(copy);
            byte[] then = rig.state().digest().orElseThrow();
            rig.ask("SET", "k", "2");
            assertThat(rig.state().force()).isEqualTo(1);
            try (StateRig other = StateRig.open(copy, NOW)) {
                assertThat(other.state().appliedBlock()).isZero();
                assertThat(other.state().digest()).hasValue(then);
                assertThat(other.ask("GET", "k")).isEqualTo(Reply.bulk("1"));
            }
        }
    }

    @Test
    void aClosedStateRefuses() throws IOException {
        StateRig rig = StateRig.open(place("a"), NOW);
        rig.close();
        assertThatThrownBy(() -> rig.ask("GET", "k")).isInstanceOf(Refusal.Refused.class);
    }

    @Test
    void anotherProgramsFilesAreNamedAsSuch() throws IOException {
        Path place = place("a");
        StateRig.open(place, NOW).close();
        Rocks rocks = Rocks.open(place);
        Overlay overlay = new Overlay(rocks.now());
        rocks.write(overlay, new Overlay(rocks.now()), Header.fresh(false), null);
        rocks.put(Layout.header(), new byte[] {'H', 'F', 'S', 'T', 9});
        rocks.close();
        assertThatThrownBy(() -> StateRig.open(place, NOW))
                .isInstanceOfSatisfying(
                        StateUnusable.class,
                        unusable -> assertThat(unusable.verdict()).isEqualTo(StateUnusable.Verdict.TOO_NEW));
    }

    @Test
    void aBrokenFileIsNamedAsSuch() throws IOException {
        Path place = place("a");
        try (StateRig rig = StateRig.open(place, NOW)) {
            rig.ask("SET", "k", "1");
        }
        Path manifest;
        try (Stream<Path> files = Files.list(place)) {
            manifest = files.filter(file -> file.getFileName().toString().startsWith("MANIFEST"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.writeString(manifest, "no manifest at all, but long enough to be read as one");
        assertThatThrownBy(() -> StateRig.open(place, NOW))
                .isInstanceOfSatisfying(
                        StateUnusable.class,
                        unusable -> assertThat(unusable.verdict()).isEqualTo(StateUnusable.Verdict.CORRUPT))
                .hasMessageContaining(place.toString());
    }

    @Test
    void aScanReturnsEveryKeyOnce() throws IOException {
        try (StateRig rig = StateRig.open(place("a"), NOW)) {
            TreeSet<String> wanted = new TreeSet<>();
            List<Command> sets = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                wanted.add("k" + i);
                sets.add(Command.of("SET", "k" + i, "v"));
            }
            rig.apply(sets);
            List<String> found = new ArrayList<>();
            String cursor = "0";
            int calls = 0;
            do {
                Reply.Listing reply = (Reply.Listing) rig.ask("SCAN", cursor, "COUNT", "7", "TYPE", "string");
                cursor = text(reply.items().get(0));
                ((Reply.Listing) reply.items().get(1)).items().forEach(key -> found.add(text(key)));
                calls++;
            } while (!cursor.equals("0"));
            assertThat(found).hasSize(1000).containsExactlyInAnyOrderElementsOf(wanted);
            assertThat(calls).isBetween(140, 150);
            assertThat(wanted).contains(text(rig.ask("RANDOMKEY")));
            assertThat(rig.ask("SCAN", "nonsense")).isEqualTo(Reply.Failure.err("invalid cursor"));
        }
    }

    private static final List<String> WRITES = List.of(
            "SET <key> <value>",
            "SET <key> <value> PX <life>",
            "INCR <key>",
            "APPEND <key> <value>",
            "DEL <key>",
            "RENAME <key> <key>",
            "SETBIT <key> <bitat> <bit>",
            "PFADD <key> <value>",
            "RANDOMKEY",
            "SADD <key> <value> <bitat> <bit>",
            "SPOP <key>",
            "SRANDMEMBER <key>",
            "HSET <key> <bit> <value>",
            "HDEL <key> <bit>",
            "FLUSHDB");

    private static void collection(Editor editor, String key, int size) {
        Entry entry = editor.create(Type.HASH, Layout.NOTHING);
        for (int i = 0; i < size; i++) {
            editor.putMember(entry, bytes("\u0001field" + i), bytes("value" + i));
        }
        editor.put(bytes(key), entry.withSize(size));
    }

    private Path place(String name) throws IOException {
        Files.createDirectories(directory);
        return directory.resolve(name);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Reply reply) {
        return new String(((Reply.Bulk) reply).bytes(), StandardCharsets.UTF_8);
    }
}
