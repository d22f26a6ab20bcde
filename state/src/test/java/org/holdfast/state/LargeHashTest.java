package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Hashes larger than what is drawn from evenly: scans return each field once, draws come from all over, and dropping
/// one leaves nothing.
class LargeHashTest {
    private static final int FIELDS = 3_000;

    @TempDir
    Path directory;

    @Test
    void aScanReturnsEveryFieldOnce() throws IOException {
        try (StateRig rig = filled()) {
            List<String> found = new ArrayList<>();
            String cursor = "0";
            do {
                Reply.Listing reply = (Reply.Listing) rig.ask("HSCAN", "h", cursor, "COUNT", "100");
                cursor = text(reply.items().getFirst());
                List<Reply> page = ((Reply.Listing) reply.items().getLast()).items();
                for (int i = 0; i < page.size(); i += 2) {
                    found.add(text(page.get(i)));
                    assertThat(text(page.get(i + 1))).isEqualTo("of " + text(page.get(i)));
                }
                // What is written meanwhile does not disturb it.
                rig.ask("HSET", "h", "f0", "of f0");
            } while (!cursor.equals("0"));
            assertThat(found).hasSize(FIELDS).doesNotHaveDuplicates();
        }
    }

    @Test
    void drawsAreFieldsAndComeFromAllOver() throws IOException {
        try (StateRig rig = filled()) {
            List<String> distinct = texts(rig.ask("HRANDFIELD", "h", "500"));
            assertThat(distinct).hasSize(500).doesNotHaveDuplicates();
            List<String> most = texts(rig.ask("HRANDFIELD", "h", "2900"));
            assertThat(most).hasSize(2900).doesNotHaveDuplicates();
            assertThat(texts(rig.ask("HRANDFIELD", "h", "5000"))).hasSize(FIELDS);
            Set<String> drawn = new HashSet<>(texts(rig.ask("HRANDFIELD", "h", "-3000")));
            // An even draw would leave out a part of e^-1; gaps of an exponential width leave out a half.
            assertThat(drawn).hasSizeGreaterThan(FIELDS * 2 / 5);
            assertThat(rig.ask("HGET", "h", text(rig.ask("HRANDFIELD", "h")))).isNotEqualTo(Reply.NIL);
        }
    }

    @Test
    void smallHashesAreDrawnFromEvenly() throws IOException {
        try (StateRig rig = StateRig.open(directory.resolve("small"), 1)) {
            rig.ask("HSET", "h", "a", "1", "b", "2", "c", "3", "d", "4");
            List<String> drawn = texts(rig.ask("HRANDFIELD", "h", "-40000"));
            for (String field : List.of("a", "b", "c", "d")) {
                // Six standard deviations around a quarter.
                assertThat(drawn.stream().filter(field::equals).count()).isBetween(9_480L, 10_520L);
            }
        }
    }

    @Test
    void droppingLeavesNothing() throws IOException {
        try (StateRig rig = filled()) {
            byte[] full = rig.state().digest().orElseThrow();
            assertThat(full).isEqualTo(rig.state().recount());
            rig.ask("RENAME", "h", "other");
            rig.ask("RENAME", "other", "h");
            assertThat(rig.state().digest()).hasValue(full);
            rig.ask("DEL", "h");
            assertThat(rig.state().digest()).hasValue(new DigestBook(new LatticeSum()).digest());
            assertThat(rig.state().leftovers()).isZero();
        }
    }

    private StateRig filled() throws IOException {
        StateRig rig = StateRig.open(directory.resolve("state"), 1);
        List<Command> commands = new ArrayList<>();
        for (int i = 0; i < FIELDS; i++) {
            commands.add(Command.of("HSET", "h", "f" + i, "of f" + i));
        }
        rig.apply(commands);
        return rig;
    }

    private static List<String> texts(Reply reply) {
        return ((Reply.Listing) reply).items().stream().map(LargeHashTest::text).toList();
    }

    private static String text(Reply reply) {
        return new String(((Reply.Bulk) reply).bytes(), StandardCharsets.UTF_8);
    }
}
