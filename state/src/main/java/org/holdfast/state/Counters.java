package org.holdfast.state;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Strings that are numbers.
final class Counters {
    private static final String NOT_WHOLE = "value is not an integer or out of range";

    private Counters() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("incr", words -> new Increase(words.next(), 1));
        all.put("decr", words -> new Increase(words.next(), -1));
        all.put("incrby", words -> new Increase(words.next(), words.whole()));
        all.put("decrby", words -> {
            byte[] key = words.next();
            long by = words.whole();
            if (by == Long.MIN_VALUE) {
                throw BadWords.of("decrement would overflow");
            }
            return new Increase(key, -by);
        });
        all.put(
                "incrbyfloat",
                words -> new IncreaseFloat(words.next(), Extended.argument(words.next(), Extended.NO_RESULT)));
    }

    /// The sum; refused where it overflows.
    static long sum(long value, long by) {
        long sum = value + by;
        if (((value ^ sum) & (by ^ sum)) < 0) {
            throw Refused.of("increment or decrement would overflow");
        }
        return sum;
    }

    /// INCR, DECR, INCRBY, DECRBY.
    record Increase(byte[] key, long by) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.STRING);
            long value =
                    old == null ? 0 : Numbers.whole(Texts.all(editor, old)).orElseThrow(() -> Refused.of(NOT_WHOLE));
            long sum = sum(value, by);
            byte[] text = Long.toString(sum).getBytes(StandardCharsets.US_ASCII);
            editor.put(key, Entry.string(text).withExpiry(old == null ? 0 : old.expiry()));
            return Reply.of(sum);
        }
    }

    /// INCRBYFLOAT: numbers are x86's 80-bit ones, as Redis computes; see [Extended].
    record IncreaseFloat(byte[] key, BigDecimal by) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.STRING);
            BigDecimal value = old == null ? BigDecimal.ZERO : Extended.stored(Texts.all(editor, old));
            byte[] text = Extended.text(Extended.sum(value, by)).getBytes(StandardCharsets.US_ASCII);
            editor.put(key, Entry.string(text).withForm(Strings.PLAIN).withExpiry(old == null ? 0 : old.expiry()));
            return Reply.of(text);
        }
    }
}
