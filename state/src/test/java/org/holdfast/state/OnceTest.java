package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Requests with an id are carried out once, for as long as ids are remembered.
class OnceTest {
    private static final long NOW = 1_700_000_000_000L;

    /// A version, a hash, three numbers.
    private static final int RECEIPT_HEAD_BYTES = 1 + 32 + 3 * 8;

    @TempDir
    Path directory;

    private StateRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = StateRig.open(directory.resolve("state"), NOW);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private Reply once(String id, String... words) {
        return once("ann", id, Batch.Group.of(Command.of(words)));
    }

    private Reply once(String user, String id, Batch.Group group) {
        return rig.state().apply(rig.batch(under(user, id, group))).getFirst();
    }

    private static Batch.Group under(String user, String id, Batch.Group group) {
        return group.under(new Batch.Once(user, id.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void theSameAgainIsAnsweredAndNotCarriedOut() {
        assertThat(once("a", "INCR", "n")).isEqualTo(Reply.of(1));
        byte[] digest = rig.state().digest().orElseThrow();
        assertThat(once("a", "INCR", "n")).isEqualTo(Reply.of(1));
        assertThat(rig.state().digest()).hasValue(digest);
        assertThat(once("b", "INCR", "n")).isEqualTo(Reply.of(2));
        assertThat(rig.ask("INCR", "n")).isEqualTo(Reply.of(3));
        assertThat(once("a", "INCR", "n")).isEqualTo(Reply.of(1));
    }

    @Test
    void alsoWithinOneBlock() {
        Batch.Group push = Batch.Group.of(Command.of("RPUSH", "l", "x"));
        assertThat(rig.state().apply(rig.batch(under("ann", "a", push), under("ann", "a", push), push)))
                .containsExactly(Reply.of(1), Reply.of(1), Reply.of(2));
    }

    @Test
    void idsBelongToTheirUser() {
        assertThat(once("a", "INCR", "n")).isEqualTo(Reply.of(1));
        assertThat(once("bob", "a", Batch.Group.of(Command.of("INCR", "n")))).isEqualTo(Reply.of(2));
    }

    @Test
    void anotherCommandUnderTheSameIdIsRefused() {
        once("a", "INCR", "n");
        assertThat(once("a", "INCR", "m"))
                .isInstanceOfSatisfying(
                        Reply.Failure.class,
                        no -> assertThat(no.line()).startsWith("IDREUSED request id 'a' was used for another command"));
        assertThat(rig.ask("EXISTS", "m")).isEqualTo(Reply.of(0));
        // Words may not run into each other.
        once("b", "RPUSH", "l", "ab", "c");
        assertThat(once("b", "RPUSH", "l", "a", "bc")).isInstanceOf(Reply.Failure.class);
    }

    @Test
    void aFailureIsTheAnswerToo() {
        rig.ask("SET", "s", "x");
        Reply no = once("a", "INCR", "s");
        assertThat(no).isInstanceOf(Reply.Failure.class);
        rig.ask("SET", "s", "5");
        assertThat(once("a", "INCR", "s")).isEqualTo(no);
    }

    @Test
    void aTransactionIsOneRequestWhateverItWatched() {
        Batch.Group add = Batch.Group.transaction(
                List.of(Command.of("INCR", "n"), Command.of("GET", "n"), Command.of("LPOP", "l")),
                List.of(new Batch.Watch("n".getBytes(StandardCharsets.UTF_8), -1)));
        Reply first = once("ann", "a", add);
        assertThat(first).isEqualTo(new Reply.Listing(List.of(Reply.of(1), Reply.bulk("1"), Reply.NIL)));
        // Who tries again sees its own write, and watches that.
        Batch.Group again = Batch.Group.transaction(
                add.commands(), List.of(new Batch.Watch("n".getBytes(StandardCharsets.UTF_8), 0)));
        assertThat(once("ann", "a", again)).isEqualTo(first);
        assertThat(rig.ask("GET", "n")).isEqualTo(Reply.bulk("1"));
    }

    @Test
    void aLongReplyIsNotKept() {
        String longest = "x".repeat(Receipts.REPLY_BYTES_MAX - 1 - Integer.BYTES);
        rig.ask("RPUSH", "l", longest, longest + "x", "last");
        assertThat(once("a", "LPOP", "l")).isEqualTo(Reply.bulk(longest));
        assertThat(once("a", "LPOP", "l")).isEqualTo(Reply.bulk(longest));
        assertThat(once("b", "LPOP", "l")).isEqualTo(Reply.bulk(longest + "x"));
        assertThat(once("b", "LPOP", "l"))
                .isInstanceOfSatisfying(
                        Reply.Failure.class,
                        done -> assertThat(done.line())
                                .startsWith("DONE the command with this request id was carried out in block 3;"));
        assertThat(rig.ask("LLEN", "l")).isEqualTo(Reply.of(1));
    }

    @Test
    void anIdIsNewAgainWhenItsTimeIsOver() {
        once("a", "INCR", "n");
        rig.pass(Receipts.WINDOW_MILLIS - 1);
        assertThat(once("a", "INCR", "n")).isEqualTo(Reply.of(1));
        rig.pass(1);
        assertThat(once("a", "INCR", "n")).isEqualTo(Reply.of(2));
        // The newer one has a time of its own.
        rig.pass(Receipts.WINDOW_MILLIS - 1);
        assertThat(once("a", "INCR", "n")).isEqualTo(Reply.of(2));
    }

    @Test
    void flushingAllForgetsNoId() {
        rig.ask("SET", "k", "v");
        once("a", "FLUSHALL");
        rig.ask("SET", "k", "w");
        assertThat(once("a", "FLUSHALL")).isEqualTo(Reply.OK);
        assertThat(rig.ask("GET", "k")).isEqualTo(Reply.bulk("w"));
    }

    @Test
    void onlySoManyAreRemembered() {
        once("a", "INCR", "n");
        once("b", "INCR", "n");
        int more = Receipts.KEPT_MAX - 1;
        for (int sent = 0; sent < more; ) {
            Batch.Group[] some = new Batch.Group[Math.min(10_000, more - sent)];
            for (int i = 0; i < some.length; i++, sent++) {
                some[i] = under("ann", "more " + sent, Batch.Group.of(Command.of("SET", "k", "v")));
            }
            rig.state().apply(rig.batch(some));
        }
        assertThat(once("b", "INCR", "n")).isEqualTo(Reply.of(2));
        assertThat(once("a", "INCR", "n")).isEqualTo(Reply.of(3));
    }

    @Test
    void receiptsSurviveAndTravelWithTheState() throws IOException {
        once("a", "INCR", "n");
        rig.reopen();
        assertThat(once("a", "INCR", "n")).isEqualTo(Reply.of(1));
        rig.state().checkpoint(directory.resolve("copy"));
        try (StateRig copy = StateRig.open(directory.resolve("copy"), NOW)) {
            Batch.Group incr = under("ann", "a", Batch.Group.of(Command.of("INCR", "n")));
            assertThat(copy.state().apply(copy.batch(incr))).containsExactly(Reply.of(1));
        }
        assertThat(rig.state().recount()).isEqualTo(rig.state().digest().orElseThrow());
    }

    @Test
    void aCopyWithReceiptsThatDoNotAgreeIsNotBelieved() throws IOException {
        once("a", "INCR", "n");
        once("b", "INCR", "n");
        rig.pass(Receipts.WINDOW_MILLIS);
        once("b", "INCR", "n");
        once("c", "INCR", "n");
        ShardState.Options digested = new ShardState.Options(true);
        for (byte[] lost : List.of(Layout.NOTHING, Layout.receiptOrder(3), Layout.receiptNumbers())) {
            Path copy = directory.resolve("copy" + lost.length);
            rig.state().checkpoint(copy);
            if (lost.length == 0) {
                assertThat(StateCopy.examine(copy, digested).block()).isEqualTo(3);
                continue;
            }
            try (Rocks rocks = Rocks.open(copy)) {
                Overlay changes = new Overlay(rocks.now());
                changes.delete(lost);
                Header header = Header.decode(rocks.now().get(Layout.header()));
                rocks.write(new Overlay(rocks.now()), changes, header, null);
            }
            assertThatThrownBy(() -> StateCopy.examine(copy, digested))
                    .isInstanceOf(StateUnusable.class)
                    .hasMessageContaining("requests with ids");
        }
    }

    /// It would end the applying of the block in which the id comes again.
    @Test
    void aCopyWithAReplyThatCannotBeReadIsNotBelieved() throws IOException {
        once("a", "INCR", "n");
        byte[] huge = new byte[Receipts.REPLY_BYTES_MAX + 1];
        List<byte[]> replies = List.of(
                new byte[] {99},
                new byte[] {3, 0, 0},
                new byte[] {5, 127, -1, -1, -1},
                new byte[] {5, -1, -1, -1, -1},
                new byte[] {0, 0},
                huge);
        for (byte[] reply : replies) {
            Path copy = directory.resolve("copy" + replies.indexOf(reply));
            rig.state().checkpoint(copy);
            try (Rocks rocks = Rocks.open(copy)) {
                Overlay changes = new Overlay(rocks.now());
                rocks.now().up(new byte[] {Layout.RECEIPT}, Layout.receiptOrder(0), (at, stored) -> {
                    byte[] changed = Arrays.copyOf(stored, RECEIPT_HEAD_BYTES + reply.length);
                    System.arraycopy(reply, 0, changed, RECEIPT_HEAD_BYTES, reply.length);
                    changes.put(at, changed);
                    return true;
                });
                Header header = Header.decode(rocks.now().get(Layout.header()));
                rocks.write(new Overlay(rocks.now()), changes, header, null);
            }
            assertThatThrownBy(() -> StateCopy.examine(copy, new ShardState.Options(true)))
                    .as(Arrays.toString(reply.length < 9 ? reply : new byte[0]))
                    .isInstanceOf(StateUnusable.class);
        }
    }

    @Test
    void whatIsForgottenIsGone() throws IOException {
        for (int i = 0; i < 10; i++) {
            once("id " + i, "SET", "k", "v");
        }
        rig.pass(Receipts.WINDOW_MILLIS);
        rig.ask("SET", "k", "v");
        rig.close();
        try (Rocks rocks = Rocks.open(directory.resolve("state"))) {
            List<byte[]> left = new ArrayList<>();
            rocks.now()
                    .up(new byte[] {Layout.RECEIPT}, new byte[] {Layout.RECEIPT_NUMBERS}, (at, value) -> left.add(at));
            assertThat(left).isEmpty();
            // version 1, the oldest receipt's number, the next one's
            assertThat(rocks.now().get(Layout.receiptNumbers()))
                    .isEqualTo(ByteBuffer.allocate(17)
                            .put((byte) 1)
                            .putLong(10)
                            .putLong(10)
                            .array());
        }
        open();
    }

    /// The format as this test spells it: form, lengths in four bytes, numbers big-endian.
    @Test
    void everyReplyIsReadBackAsItWas() {
        List<Reply> all = List.of(
                Reply.NIL,
                Reply.OK,
                Reply.Failure.err("no"),
                Reply.of(-5),
                new Reply.Real(-0.5),
                Reply.of(new byte[] {0, -1}),
                new Reply.Listing(List.of(Reply.NIL, new Reply.Listing(List.of(Reply.of(1))))),
                Reply.NIL_LISTING,
                new Reply.Pairs(List.of(new Reply.Pair(Reply.bulk("k"), Reply.of(1)))),
                new Reply.Distinct(List.of(Reply.bulk("m"))),
                new Reply.Rows(List.of(new Reply.Listing(List.of(Reply.bulk("m"), new Reply.Real(1))))),
                new Reply.Decimal("3.14"),
                new Reply.Truth(true),
                new Reply.Text("txt", "é"));
        for (Reply reply : all) {
            byte[] bytes = ReplyBytes.of(reply, 1_000).orElseThrow();
            assertThat(ReplyBytes.read(ByteBuffer.wrap(bytes))).isEqualTo(reply);
            assertThat(ReplyBytes.of(reply, bytes.length)).hasValue(bytes);
            assertThat(ReplyBytes.of(reply, bytes.length - 1)).isEmpty();
        }
        assertThat(ReplyBytes.of(Reply.Failure.err("no"), 100).orElseThrow())
                .isEqualTo(new byte[] {2, 0, 0, 0, 3, 'E', 'R', 'R', 0, 0, 0, 2, 'n', 'o'});
        byte[] large = new byte[1_000];
        Arrays.fill(large, (byte) 'x');
        assertThat(ReplyBytes.of(new Reply.Listing(List.of(Reply.of(large), Reply.of(large))), 1_500))
                .isEmpty();
    }
}
