package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Lists of thousands of elements: wherever elements are put, they come back in order, and what is dropped leaves
/// nothing. The model is a list of Java's.
class LargeListTest {
    @TempDir
    Path directory;

    private final List<String> model = new ArrayList<>();
    private StateRig rig;
    private int next;

    @BeforeEach
    void open() throws IOException {
        rig = StateRig.open(directory.resolve("state"), 1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /// One place takes any number of elements: at the start, in the middle, at the end of a list.
    @ParameterizedTest
    @ValueSource(strings = {"1", "50", "99"})
    void onePlaceTakesManyElements(String where) {
        fill(100);
        String pivot = model.get(Integer.parseInt(where));
        for (int i = 0; i < 800; i++) {
            String element = "n" + next++;
            int at = model.indexOf(pivot);
            boolean before = i % 3 != 0;
            model.add(before ? at : at + 1, element);
            rig.ask("LINSERT", "l", before ? "BEFORE" : "AFTER", pivot, element);
        }
        same();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anyChangesKeepTheOrder(long seed) {
        Random random = new Random(seed);
        fill(200);
        for (int i = 0; i < 800; i++) {
            change(random);
            if (i % 100 == 0) {
                same();
            }
        }
        same();
    }

    private void change(Random random) {
        String fresh = "n" + next++;
        int at = random.nextInt(model.size());
        // Some places are chosen again and again.
        String pivot = model.get(random.nextBoolean() ? at : Math.min(model.size() - 1, 20));
        switch (random.nextInt(9)) {
            case 0 -> {
                rig.ask("LPUSH", "l", fresh);
                model.addFirst(fresh);
            }
            case 1 -> {
                rig.ask("RPUSH", "l", fresh);
                model.addLast(fresh);
            }
            case 2, 3 -> {
                rig.ask("LINSERT", "l", "BEFORE", pivot, fresh);
                model.add(model.indexOf(pivot), fresh);
            }
            case 4 -> {
                rig.ask("LINSERT", "l", "AFTER", pivot, fresh);
                model.add(model.indexOf(pivot) + 1, fresh);
            }
            case 5 -> {
                rig.ask("LREM", "l", "0", pivot);
                model.remove(pivot);
            }
            case 6 -> {
                rig.ask("LSET", "l", Integer.toString(at), fresh);
                model.set(at, fresh);
            }
            case 7 -> assertThat(rig.ask("LPOP", "l")).isEqualTo(Reply.bulk(model.removeFirst()));
            default -> {
                rig.ask("LMOVE", "l", "l", "LEFT", "RIGHT");
                Collections.rotate(model, -1);
            }
        }
        if (model.size() < 5) {
            fill(100);
        }
    }

    @Test
    void mostOfAListIsTrimmedOrRemoved() {
        for (String uneven : List.of("", "yes")) {
            fill(3_000);
            if (!uneven.isEmpty()) {
                rig.ask("LINSERT", "l", "BEFORE", model.get(1_000), "between");
                model.add(1_000, "between");
            }
            rig.ask("LTRIM", "l", "3", "-3");
            keep(3, model.size() - 2);
            rig.ask("LTRIM", "l", "1500", "1599");
            keep(1_500, 1_600);
            fill(50);
            rig.apply(IntStream.range(0, 500)
                    .mapToObj(i -> Command.of("RPUSH", "l", "same"))
                    .toList());
            assertThat(rig.ask("LREM", "l", "-490", "same")).isEqualTo(Reply.of(490));
            model.addAll(Collections.nCopies(10, "same"));
            same();
            assertThat(rig.ask("LPOP", "l", "100")).isEqualTo(listing(model.subList(0, 100)));
            keep(100, model.size());
            assertThat(rig.ask("RPOP", "l", "5000")).isEqualTo(listing(model.reversed()));
            model.clear();
            same();
            assertThat(rig.state().digest()).hasValue(new DigestBook(new LatticeSum()).digest());
            assertThat(rig.state().leftovers()).isZero();
        }
    }

    @Test
    void aListThatWanderedToTheEdgeIsLaidOutAnew() {
        for (long edge : new long[] {Places.PLACE_MAX, -Places.PLACE_MAX}) {
            rig.state().edit(editor -> {
                byte[] body =
                        ByteBuffer.allocate(16).putLong(edge).putLong(edge).array();
                Entry list = editor.create(Type.LIST, body).withSize(1);
                editor.putMember(list, Places.member(edge), bytes("edge"));
                editor.put(bytes("e"), list);
            });
            rig.ask("RPUSH", "e", "1", "2");
            rig.ask("LPUSH", "e", "0");
            assertThat(rig.ask("LRANGE", "e", "0", "-1")).isEqualTo(listing(List.of("0", "edge", "1", "2")));
            rig.ask("DEL", "e");
            assertThat(rig.state().leftovers()).isZero();
            assertThat(rig.state().digest()).hasValue(rig.state().recount());
        }
    }

    @Test
    void aLargeListIsDroppedCopiedAndRenamed() {
        fill(3_000);
        rig.ask("COPY", "l", "copy");
        rig.ask("RENAME", "l", "other");
        assertThat(rig.ask("LRANGE", "copy", "0", "-1")).isEqualTo(rig.ask("LRANGE", "other", "0", "-1"));
        rig.ask("PEXPIREAT", "other", "1000");
        rig.pass(1_000);
        assertThat(rig.ask("DEL", "copy")).isEqualTo(Reply.of(1));
        assertThat(rig.state().keys()).isZero();
        assertThat(rig.state().digest()).hasValue(new DigestBook(new LatticeSum()).digest());
        assertThat(rig.state().leftovers()).isZero();
    }

    private void fill(int count) {
        List<Command> commands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String element = "n" + next++;
            commands.add(Command.of("RPUSH", "l", element));
            model.add(element);
        }
        rig.apply(commands);
    }

    private void keep(int from, int to) {
        List<String> kept = List.copyOf(model.subList(from, to));
        model.clear();
        model.addAll(kept);
        same();
    }

    private void same() {
        assertThat(rig.ask("LRANGE", "l", "0", "-1")).isEqualTo(listing(model));
        assertThat(rig.ask("LLEN", "l")).isEqualTo(Reply.of(model.size()));
        for (int i = 0; i < model.size(); i += 1 + model.size() / 20) {
            assertThat(rig.ask("LINDEX", "l", Integer.toString(i))).isEqualTo(Reply.bulk(model.get(i)));
            assertThat(rig.ask("LINDEX", "l", Integer.toString(i - model.size())))
                    .isEqualTo(Reply.bulk(model.get(i)));
        }
        assertThat(rig.state().digest()).hasValue(rig.state().recount());
    }

    private static Reply listing(List<String> elements) {
        return new Reply.Listing(elements.stream().map(Reply::bulk).toList());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
