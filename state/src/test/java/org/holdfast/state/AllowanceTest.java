package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What would answer too much is refused, changes nothing, and says what to ask for.
class AllowanceTest {
    private static final String LARGE = "x".repeat(8 << 20);

    private StateRig rig;

    /// Five values of 8 MiB in each type that can hold them.
    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        rig = StateRig.open(directory.resolve("state"), 1);
        for (int i = 0; i < 5; i++) {
            rig.ask("RPUSH", "list", LARGE);
            rig.ask("HSET", "hash", "f" + i, LARGE);
        }
        rig.ask("SET", "text", LARGE);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HGETALL hash/HSCAN",
                "HVALS hash/HSCAN",
                "HKEYS hash/HSCAN",
                "HMGET hash f0 f1 f2 f3 f4/fewer fields",
                "HRANDFIELD hash -5 WITHVALUES/a smaller count, or HSCAN",
                "LRANGE list 0 -1/LRANGE of smaller parts",
                "LPOP list 5/a smaller count",
                "RPOP list 100/a smaller count",
                "LMPOP 2 none list LEFT COUNT 5/a smaller count",
                "MGET text text text text text/fewer keys",
                "SORT list ALPHA/LRANGE, SSCAN or ZSCAN",
                "SORT list BY nosort STORE other/LRANGE, SSCAN or ZSCAN"
            })
    void tooMuchIsRefusedAndChangesNothing(String line) {
        String[] parts = line.split("/", -1);
        Command command = Command.of(parts[0].split(" ", -1));
        byte[] before = rig.state().digest().orElseThrow();
        assertThat(rig.ask(command))
                .isEqualTo(Reply.Failure.err(
                        "'%s' comes to more than 500000 elements or 33554432 bytes at once: ask for %s"
                                .formatted(command.name(), parts[1])));
        assertThat(rig.state().digest()).hasValue(before);
    }

    @Test
    void partsAreAnswered() {
        assertThat(((Reply.Listing) rig.ask("LRANGE", "list", "1", "3")).items())
                .hasSize(3);
        assertThat(((Reply.Listing) rig.ask("LPOP", "list", "3")).items()).hasSize(3);
        assertThat(rig.ask("LTRIM", "list", "0", "0")).isEqualTo(Reply.OK);
        assertThat(((Reply.Listing) rig.ask("HMGET", "hash", "f0", "f1", "f2")).items())
                .hasSize(3);
    }

    /// A transaction answers all at once, so it has one allowance; the next one has its own.
    @Test
    void aTransactionHasOneAllowance() {
        Command get = Command.of("GET", "text");
        Reply all = rig.transaction(List.of(), get, get, get, get, get, Command.of("SET", "after", "1"))
                .getFirst();
        List<Reply> replies = ((Reply.Listing) all).items();
        assertThat(replies.subList(0, 4)).allMatch(reply -> reply instanceof Reply.Bulk);
        assertThat(replies.get(4)).isInstanceOf(Reply.Failure.class);
        assertThat(replies.get(5)).isEqualTo(Reply.OK);
        assertThat(rig.ask("GET", "text")).isInstanceOf(Reply.Bulk.class);
    }

    @Test
    void elementsCountToo() {
        Allowance allowance = new Allowance();
        for (int i = 0; i < Allowance.ELEMENTS_MAX; i++) {
            allowance.take(0);
        }
        assertThatThrownBy(() -> allowance.take(0)).isInstanceOf(Allowance.Exceeded.class);
        allowance.renew();
        allowance.take(Allowance.BYTES_MAX);
        assertThatThrownBy(() -> allowance.take(1)).isInstanceOf(Allowance.Exceeded.class);
    }
}
