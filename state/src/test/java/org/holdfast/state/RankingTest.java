package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.holdfast.env.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Ranks and places of an order with fences, compared with a TreeSet's; in memory.
class RankingTest {
    private final Overlay overlay = new Overlay(new Nothing());
    private final Editor editor =
            new Editor(overlay, Header.fresh(false), 1, 1, World.real().chance());
    private Entry set = editor.create(Type.ZSET, Layout.NOTHING);

    /// An empty store.
    private static final class Nothing implements Store {
        @Override
        public byte @Nullable [] get(byte[] key) {
            return null;
        }

        @Override
        public void up(byte[] from, byte[] to, Visitor visitor) {}

        @Override
        public void down(byte[] from, byte[] to, Visitor visitor) {}
    }

    @Test
    void ranksAndPlacesAreRightThroughAllChanges() {
        Random random = new Random(5);
        TreeSet<Integer> model = new TreeSet<>();
        for (int round = 0; round < 30_000; round++) {
            int number = random.nextInt(12_000);
            boolean shrinking = round % 6_000 > 4_000;
            if (model.add(number)) {
                add(number);
            } else {
                model.remove(number);
                remove(number);
            }
            if (shrinking && !model.isEmpty()) {
                int first = random.nextBoolean() ? model.first() : model.last();
                model.remove(first);
                remove(first);
            }
            if (round % 200 == 0) {
                compare(List.copyOf(model), random);
            }
        }
        while (!model.isEmpty()) {
            remove(model.pollFirst());
        }
        compare(List.copyOf(model), random);
    }

    @Test
    void ascendingPlacesMakeThreeLevels() {
        TreeSet<Integer> model = new TreeSet<>();
        for (int i = 0; i < 150_000; i++) {
            add(i);
            model.add(i);
        }
        assertThat(set.body()).containsExactly(3);
        Random random = new Random(6);
        compare(List.copyOf(model), random);
        List<Integer> numbers = new ArrayList<>(model);
        Collections.shuffle(numbers, random);
        numbers.subList(0, 148_000).forEach(this::remove);
        compare(numbers.subList(148_000, 150_000).stream().sorted().toList(), random);
        numbers.subList(148_000, 150_000).forEach(this::remove);
        compare(List.of(), random);
    }

    private void compare(List<Integer> model, Random random) {
        assertThat(set.size()).isEqualTo(model.size());
        for (int i = 0; i < 20 && !model.isEmpty(); i++) {
            int rank = random.nextInt(model.size());
            byte[] place = place(model.get(rank));
            assertThat(Ranking.place(editor, set, rank)).isEqualTo(place);
            assertThat(Ranking.rank(editor, set, place)).isEqualTo(rank);
            assertThat(Ranking.rank(editor, set, Ranking.behind(place))).isEqualTo(rank + 1L);
        }
        assertThat(Ranking.rank(editor, set, place(Integer.MAX_VALUE))).isEqualTo(model.size());
    }

    private void add(int number) {
        set = Ranking.add(editor, set.withSize(set.size() + 1), place(number));
    }

    private void remove(int number) {
        Ranking.remove(editor, set, place(number));
        set = set.withSize(set.size() - 1);
    }

    private static byte[] place(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }
}
