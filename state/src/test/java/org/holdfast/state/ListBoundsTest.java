package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.holdfast.env.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a list's change holds in memory is bounded: by bytes it goes another way, by number it is refused before
/// anything has changed.
class ListBoundsTest {
    @TempDir
    Path directory;

    /// What stays is more than is moved at once, so what goes is taken out of it.
    @Test
    void longElementsStayWhereTheyAre() throws IOException {
        List<String> elements = new ArrayList<>();
        IntStream.range(0, 11)
                .forEach(i -> elements.add(Character.toString('a' + i).repeat(7 << 20)));
        for (int i = 0; i < 40; i++) {
            elements.add(i % 12, "x");
        }
        try (StateRig rig = StateRig.open(directory, 1)) {
            elements.forEach(element -> rig.ask("RPUSH", "l", element));
            assertThat(rig.ask("LREM", "l", "0", "x")).isEqualTo(Reply.of(40));
            elements.removeIf("x"::equals);
            assertHolds(rig, elements);
            assertThat(rig.ask("LTRIM", "l", "3", "7")).isEqualTo(Reply.OK);
            assertHolds(rig, elements.subList(3, 8));
            assertThat(rig.state().digest().orElseThrow()).isEqualTo(rig.state().recount());
        }
    }

    private static void assertHolds(StateRig rig, List<String> elements) {
        assertThat(rig.ask("LLEN", "l")).isEqualTo(Reply.of(elements.size()));
        for (int i = 0; i < elements.size(); i++) {
            assertThat(rig.ask("LINDEX", "l", Integer.toString(i))).isEqualTo(Reply.bulk(elements.get(i)));
        }
    }

    @Test
    void moreThanAllowedIsNotRemovedAtOnce() throws IOException {
        List<String> push = new ArrayList<>(List.of("RPUSH", "l"));
        push.addAll(Collections.nCopies(100_100, "x"));
        List<Command> pushes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            pushes.add(Command.of(push.toArray(String[]::new)));
        }
        try (ShardState state = ShardState.open(World.real(), directory, new ShardState.Options(false))) {
            pushes.forEach(one -> apply(state, one));
            assertThat(apply(state, Command.of("LREM", "l", "0", "x")))
                    .isEqualTo(Allowance.refusal("lrem"))
                    .asString()
                    .contains("ask for a smaller count");
            assertThat(apply(state, Command.of("LLEN", "l"))).isEqualTo(Reply.of(500_500));
            assertThat(apply(state, Command.of("LREM", "l", "-500000", "x"))).isEqualTo(Reply.of(500_000));
            assertThat(apply(state, Command.of("LTRIM", "l", "1", "-1"))).isEqualTo(Reply.OK);
            assertThat(apply(state, Command.of("LLEN", "l"))).isEqualTo(Reply.of(499));
        }
    }

    private static Reply apply(ShardState state, Command command) {
        Batch batch = new Batch(state.appliedBlock() + 1, 1, new byte[0], List.of(Batch.Group.of(command)));
        return state.apply(batch).getFirst();
    }

    /// Names of an object count as what they are, also in a transaction.
    @Test
    void namesOfObjectsCount() throws IOException {
        try (StateRig rig = StateRig.open(directory, 1)) {
            rig.ask("JSON.SET", "d", ".", "{\"" + "n".repeat(1_000_000) + "\": 1}");
            Command names = Command.of("JSON.OBJKEYS", "d");
            Reply.Listing all = (Reply.Listing)
                    rig.transaction(List.of(), Collections.nCopies(40, names).toArray(Command[]::new))
                            .getFirst();
            assertThat(all.items().get(32)).isInstanceOf(Reply.Listing.class);
            assertThat(all.items().get(33)).isEqualTo(Allowance.refusal("json.objkeys"));
        }
    }
}
