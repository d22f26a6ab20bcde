package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys of a table within bounds, removed a part at a time.
class RangeDeletesTest {
    @TempDir
    Path directory;

    private StateRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = StateRig.open(directory.resolve("state"), 1_000_000);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void aRangeGoesPartByPart() {
        List<Command> writes = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            writes.add(Command.of("SET", "k:t:%02d".formatted(i), "x"));
            writes.add(Command.of("SADD", "k:u:%02d".formatted(i), "x"));
        }
        rig.apply(writes);
        assertThat(text("table.countrange", "k:t:", "05", "20", "100")).isEqualTo("[15, 0, ]");
        assertThat(text("table.countrange", "k:t:", "05", "20", "10")).isEqualTo("[10, 1, 15]");
        assertThat(text("table.delrange", "k:t:", "05", "20", "10")).isEqualTo("[10, 1, 15]");
        assertThat(text("table.delrange", "k:t:", "15", "20", "10")).isEqualTo("[5, 0, ]");
        assertThat(rig.ask("table.size", "k:t:")).isEqualTo(Reply.of(10));
        assertThat(rig.ask("exists", "k:t:04", "k:t:20")).isEqualTo(Reply.of(2));
        assertThat(text("table.delrange", "k:t:", "", "", "10")).isEqualTo("[10, 0, ]");
        assertThat(rig.state().keys()).isEqualTo(25);
        assertThat(rig.ask("table.size", "k:u:")).isEqualTo(Reply.of(25));
        assertThat(rig.state().digest().orElseThrow()).isEqualTo(rig.state().recount());
        assertThat(rig.state().leftovers()).isZero();
    }

    @Test
    void whatExpiredGoesAndIsNotCounted() {
        rig.ask("set", "k:t:a", "1", "px", "5");
        rig.ask("hset", "k:t:b", "f", "1");
        rig.pass(10);
        assertThat(text("table.countrange", "k:t:", "", "", "10")).isEqualTo("[1, 0, ]");
        assertThat(text("table.delrange", "k:t:", "", "", "10")).isEqualTo("[1, 0, ]");
        assertThat(rig.state().keys()).isZero();
        assertThat(rig.state().engineFigures().expiredRemoved()).isEqualTo(1);
    }

    @Test
    void wrongWordsAreRefused() {
        for (String table : List.of("k:t", "k:t:a", "", ":")) {
            assertThat(rig.ask("table.delrange", table, "", "", "10")).as(table).isInstanceOf(Reply.Failure.class);
        }
        for (String limit : List.of("0", "1001", "-1", "x")) {
            assertThat(rig.ask("table.delrange", "k:t:", "", "", limit)).isInstanceOf(Reply.Failure.class);
        }
        assertThat(text("table.delrange", "k:t:", "b", "a", "10")).isEqualTo("[0, 0, ]");
    }

    private String text(String... words) {
        List<String> items = new ArrayList<>();
        for (Reply item : ((Reply.Listing) rig.ask(words)).items()) {
            items.add(
                    item instanceof Reply.Bulk bulk
                            ? new String(bulk.bytes(), StandardCharsets.UTF_8)
                            : Long.toString(((Reply.Whole) item).value()));
        }
        return items.toString();
    }
}
