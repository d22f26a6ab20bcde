package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A sorted set with fences: another replica that gets it in other blocks has the same digest; scans, copies, renames
/// and drops leave it whole or leave nothing.
class LargeZsetTest {
    private static final int MEMBERS = 3_000;
    private static final int PER_COMMAND = 100;

    @TempDir
    Path directory;

    @Test
    void anotherReplicaComesToTheSameDigest() throws IOException {
        try (StateRig one = filled("one", false);
                StateRig other = filled("other", true)) {
            byte[] digest = one.state().digest().orElseThrow();
            assertThat(other.state().digest()).hasValue(digest);
            assertThat(one.state().recount()).isEqualTo(digest);
            other.ask("ZINCRBY", "z", "1e-300", "m0");
            assertThat(other.state().digest()).isNotEqualTo(one.state().digest());
            other.ask("ZADD", "z", "0", "m0");
            assertThat(other.state().digest()).hasValue(digest);
        }
    }

    @Test
    void ranksAreRightAfterReopening() throws IOException {
        try (StateRig rig = filled("state", false)) {
            rig.reopen();
            assertThat(rig.ask("ZRANK", "z", "m2500")).isEqualTo(Reply.of(2_500));
            assertThat(rig.ask("ZREVRANK", "z", "m2500")).isEqualTo(Reply.of(499));
            assertThat(rig.ask("ZRANGE", "z", "1700", "1700"))
                    .isEqualTo(new Reply.Listing(List.of(Reply.bulk("m1700"))));
            rig.ask("ZREMRANGEBYRANK", "z", "100", "1199");
            assertThat(rig.ask("ZRANK", "z", "m2500")).isEqualTo(Reply.of(1_400));
            assertThat(rig.state().digest()).hasValue(rig.state().recount());
        }
    }

    @Test
    void aScanReturnsEveryMemberOnce() throws IOException {
        try (StateRig rig = filled("state", false)) {
            List<String> found = new ArrayList<>();
            String cursor = "0";
            do {
                Reply.Listing reply = (Reply.Listing) rig.ask("ZSCAN", "z", cursor, "COUNT", "100");
                cursor = text(reply.items().getFirst());
                List<Reply> page = ((Reply.Listing) reply.items().getLast()).items();
                assertThat(page).hasSizeLessThanOrEqualTo(200);
                for (int i = 0; i < page.size(); i += 2) {
                    found.add(text(page.get(i)));
                    assertThat("m" + text(page.get(i + 1))).isEqualTo(text(page.get(i)));
                }
            } while (!cursor.equals("0"));
            assertThat(found).hasSize(MEMBERS).doesNotHaveDuplicates();
        }
    }

    @Test
    void copiesAreWholeAndDropsLeaveNothing() throws IOException {
        try (StateRig rig = filled("state", false)) {
            rig.ask("COPY", "z", "copy");
            rig.ask("ZREMRANGEBYSCORE", "z", "-inf", "(2000");
            assertThat(rig.ask("ZRANK", "copy", "m2500")).isEqualTo(Reply.of(2_500));
            assertThat(rig.ask("ZRANK", "z", "m2500")).isEqualTo(Reply.of(500));
            rig.ask("RENAME", "z", "copy");
            assertThat(rig.ask("ZCARD", "copy")).isEqualTo(Reply.of(1_000));
            assertThat(rig.state().leftovers()).isZero();
            rig.ask("PEXPIRE", "copy", "5");
            rig.pass(5);
            rig.ask("SET", "a", "b");
            rig.ask("DEL", "a");
            assertThat(rig.state().digest()).hasValue(new DigestBook(new LatticeSum()).digest());
            assertThat(rig.state().leftovers()).isZero();
        }
    }

    @Test
    void poppingEverythingLeavesNothing() throws IOException {
        try (StateRig rig = filled("state", false)) {
            for (int i = 0; i < MEMBERS / 50; i++) {
                Reply.Rows popped = (Reply.Rows) rig.ask(i % 2 == 0 ? "ZPOPMIN" : "ZPOPMAX", "z", "50");
                assertThat(popped.rows()).hasSize(50);
            }
            assertThat(rig.ask("EXISTS", "z")).isEqualTo(Reply.of(0));
            assertThat(rig.state().leftovers()).isZero();
        }
    }

    private StateRig filled(String name, boolean backwards) throws IOException {
        StateRig rig = StateRig.open(directory.resolve(name), 1);
        List<Command> commands = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i += PER_COMMAND) {
            List<String> words = new ArrayList<>(List.of("ZADD", "z"));
            for (int j = i; j < i + PER_COMMAND; j++) {
                int number = backwards ? MEMBERS - 1 - j : j;
                words.addAll(List.of(Integer.toString(number), "m" + number));
            }
            commands.add(Command.of(words.toArray(String[]::new)));
            if (!backwards || i % 300 == 0) {
                rig.apply(commands);
                commands.clear();
            }
        }
        rig.apply(commands);
        return rig;
    }

    private static String text(Reply reply) {
        return new String(((Reply.Bulk) reply).bytes(), StandardCharsets.UTF_8);
    }
}
