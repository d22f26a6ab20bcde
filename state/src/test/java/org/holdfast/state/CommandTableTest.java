package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The table is whole, and words are judged as a Redis 7.0 server judges them (texts seen there).
class CommandTableTest {
    @Test
    void theTableHoldsWhatRedisReports() {
        assertThat(CommandTable.all()).hasSizeGreaterThan(300);
        CommandSpec get = spec("get");
        assertThat(get.arity()).isEqualTo(2);
        assertThat(get.flags()).containsExactlyInAnyOrder("readonly", "fast");
        assertThat(get.categories()).containsExactlyInAnyOrder("read", "string", "fast");
        assertThat(spec("OBJECT", "ENCODING", "k").name()).isEqualTo("object|encoding");
    }

    @Test
    void keysAreFound() {
        assertThat(positions("GET", "a")).containsExactly(1);
        assertThat(positions("MSET", "a", "1", "b", "2")).containsExactly(1, 3);
        assertThat(positions("BITOP", "AND", "d", "a", "b")).containsExactly(2, 3, 4);
        assertThat(positions("BLPOP", "a", "b", "0")).containsExactly(1, 2);
        assertThat(positions("ZUNIONSTORE", "d", "2", "a", "b", "WEIGHTS", "1", "2"))
                .containsExactly(1, 3, 4);
        assertThat(positions("SINTERCARD", "x", "a")).isEmpty();
        assertThat(positions("GEORADIUS", "a", "1", "1", "1", "m", "STORE", "b"))
                .containsExactly(1, 7);
        assertThat(positions("OBJECT", "ENCODING", "a")).containsExactly(2);
    }

    @Test
    void wrongWordsAreRefusedInRedisWords() {
        assertThat(wrong("foo", "a", "b")).isEqualTo("ERR unknown command 'foo', with args beginning with: 'a' 'b' ");
        assertThat(wrong("GET")).isEqualTo("ERR wrong number of arguments for 'get' command");
        assertThat(wrong("OBJECT", "what", "k")).isEqualTo("ERR unknown subcommand 'what'. Try OBJECT HELP.");
        assertThat(wrong("GET", "k".repeat(CommandTable.KEY_BYTES_MAX + 1)))
                .isEqualTo("ERR key of 10241 bytes: 10240 at most");
        assertThat(wrong("XADD", "a", "*", "b", "c")).startsWith("ERR not supported by this ledger");
    }

    private static CommandSpec spec(String... words) {
        return Objects.requireNonNull(CommandTable.find(Command.of(words)));
    }

    private static Iterable<Integer> positions(String... words) {
        return spec(words).keyPositions(Command.of(words));
    }

    private static String wrong(String... words) {
        return ((Parsed.Wrong) CommandTable.parse(Command.of(words))).reply().line();
    }
}
