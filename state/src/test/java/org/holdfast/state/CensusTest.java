package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What tables there are, and which collections are large.
class CensusTest {
    @TempDir
    Path directory;

    @Test
    void tablesAndLargeCollectionsAreCounted() throws Exception {
        try (StateRig rig = StateRig.open(directory.resolve("state"), 1_000_000)) {
            assertThat(rig.state().census().orElseThrow().tables()).isEmpty();
            for (int i = 0; i < 5; i++) {
                rig.ask("set", "k:plain:" + i, "v");
            }
            rig.ask("set", "k:long:a", "v".repeat(1 << 20));
            rig.ask("sadd", "k:sets:small", "a", "b");
            rig.ask(many("sadd", "k:sets:just", 32));
            rig.ask(many("sadd", "k:sets:below", 31));
            rig.ask(many("rpush", "k:lists:large", 1000));
            Census census = rig.state().census().orElseThrow();
            assertThat(census.block()).isEqualTo(rig.state().appliedBlock());
            assertThat(census.tables().keySet()).containsExactly("lists", "long", "plain", "sets");
            assertThat(table(census, "plain").keys()).isEqualTo(5);
            assertThat(table(census, "sets").keys()).isEqualTo(3);
            assertThat(census.largest().stream()
                            .map(one -> new String(one.key(), StandardCharsets.UTF_8) + "=" + one.size()))
                    .containsExactly("k:lists:large=1000", "k:sets:just=32");
            rig.state().optimize();
            rig.reopen();
            assertThat(table(rig.state().census().orElseThrow(), "long").bytes())
                    .isBetween(1L << 10, 4L << 20);
        }
    }

    @Test
    void onlyTheLargestAreTold() throws Exception {
        try (StateRig rig = StateRig.open(directory.resolve("state"), 1_000_000)) {
            for (int i = 0; i < Census.LARGEST_MAX + 5; i++) {
                rig.ask(many("sadd", "k:t:" + i, 32 + i));
            }
            List<Census.Large> largest = rig.state().census().orElseThrow().largest();
            assertThat(largest).hasSize(Census.LARGEST_MAX);
            assertThat(largest.getFirst().size()).isEqualTo(32 + Census.LARGEST_MAX + 4);
            assertThat(largest.getLast().size()).isEqualTo(37);
        }
    }

    private static Census.Table table(Census census, String name) {
        return Objects.requireNonNull(census.tables().get(name));
    }

    private static Command many(String name, String key, int count) {
        List<String> words = new ArrayList<>(List.of(name, key));
        for (int i = 0; i < count; i++) {
            words.add("member-" + i);
        }
        return Command.of(words.toArray(String[]::new));
    }
}
