package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.holdfast.env.Chance;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Words as clients send them. Whatever they are, they are understood or refused in one line, and what was understood
/// can be applied.
class CommandFuzzTest {
    private static final int WORDS_MAX = 12;
    private static final List<String> NAMES = CommandTable.all().stream()
            .filter(spec -> spec.home() == CommandSpec.Home.STATE)
            .map(CommandSpec::name)
            .toList();
    private static final List<String> WORDS = List.of(
            "",
            "a",
            "b",
            "c",
            "0",
            "1",
            "-1",
            "9223372036854775807",
            "-9223372036854775808",
            "1e4000",
            "-1e-4000",
            "EX",
            "PX",
            "GET",
            "KEEPTTL",
            "NX",
            "XX",
            "GT",
            "u8",
            "i64",
            "#7",
            "OVERFLOW",
            "SAT",
            "INCRBY",
            "SET",
            "BIT",
            "NOT",
            "AND",
            "MATCH",
            "COUNT",
            "[^a-",
            "IDX",
            "REPLACE",
            "DB",
            "LEFT",
            "BEFORE",
            "RANK",
            "BYSCORE",
            "BYLEX",
            "LIMIT",
            "WEIGHTS",
            "WITHSCORES",
            "(1",
            "[a",
            "+",
            "-inf",
            "FROMMEMBER",
            "FROMLONLAT",
            "BYRADIUS",
            "BYBOX",
            "km");

    /// The first byte chooses a command, zeros part the words.
    @FuzzTest
    void words(byte[] input) {
        if (input.length == 0) {
            return;
        }
        List<byte[]> argv = new ArrayList<>();
        for (String part : NAMES.get((input[0] & 0xff) % NAMES.size()).split("\\|", -1)) {
            argv.add(part.getBytes(StandardCharsets.US_ASCII));
        }
        int from = 1;
        for (int i = 1; i <= input.length && argv.size() < WORDS_MAX; i++) {
            if (i == input.length || input[i] == 0) {
                argv.add(Arrays.copyOfRange(input, from, i));
                from = i + 1;
            }
        }
        apply(new Command(argv));
    }

    @Test
    void randomWordsAreAnsweredToo() {
        Random random = new Random(11);
        for (int i = 0; i < 30_000; i++) {
            List<String> words = new ArrayList<>(
                    List.of(NAMES.get(random.nextInt(NAMES.size())).split("\\|", -1)));
            for (int j = random.nextInt(6); j > 0; j--) {
                words.add(WORDS.get(random.nextInt(WORDS.size())));
            }
            apply(Command.of(words.toArray(String[]::new)));
        }
    }

    private static void apply(Command command) {
        switch (CommandTable.parse(command)) {
            case Parsed.Wrong wrong -> assertThat(wrong.reply().line()).doesNotContain("\r", "\n");
            case Parsed.Ready ready -> {
                assertThat(ready.keys()).allMatch(key -> key.length <= CommandTable.KEY_BYTES_MAX);
                apply(ready);
            }
        }
    }

    /// Over a store of a few entries of several kinds.
    private static void apply(Parsed.Ready ready) {
        Overlay overlay = new Overlay(new Nothing());
        Editor editor = new Editor(overlay, Header.fresh(true), 1_000_000, 1, new Fixed());
        editor.put(new byte[] {'a'}, Entry.string(new byte[] {'1', '2'}).withExpiry(2_000_000));
        Entry list = editor.create(Type.LIST, Layout.NOTHING);
        editor.put(new byte[] {'b'}, Places.push(editor, list, new byte[] {'1'}, Places.End.LEFT));
        Entry places = editor.create(Type.ZSET, Layout.NOTHING);
        for (double score : new double[] {Double.NEGATIVE_INFINITY, -1, 0, 3479099956230698.0, 1e300}) {
            places = Scores.put(editor, places, Numbers.text(score).getBytes(StandardCharsets.US_ASCII), null, score);
        }
        editor.put(new byte[] {'c'}, places);
        try {
            Reply reply = switch (ready.operation()) {
                case Operation.Reading reading -> reading.run(editor);
                case Operation.Writing writing -> writing.run(editor);
            };
            assertThat(reply).isNotNull();
        } catch (Refused refused) {
            assertThat(refused.reply().line()).doesNotContain("\r", "\n");
        } catch (Entries.WrongType wrong) {
            assertThat(ready.keys()).isNotEmpty();
        }
    }

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

    /// No chance at all.
    private static final class Fixed implements Chance {
        @Override
        public long nextLong() {
            return 7;
        }

        @Override
        public void nextBytes(byte[] target) {
            ByteBuffer.wrap(target).put((byte) 7);
        }
    }
}
