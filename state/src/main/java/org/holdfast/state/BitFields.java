package org.holdfast.state;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// BITFIELD: integers of any width inside a string.
final class BitFields {
    private static final String BAD_TYPE =
            "Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.";

    private BitFields() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("bitfield", words -> parse(words, false));
        all.put("bitfield_ro", words -> parse(words, true));
    }

    /// What happens to a value that does not fit.
    enum Overflow {
        WRAP,
        SAT,
        FAIL
    }

    /// What is done to a field.
    enum Action {
        GET,
        SET,
        INCRBY
    }

    /// Where a field lies and how it is read.
    record Field(boolean signed, int bits, long offset) {
        long behind() {
            return offset + bits;
        }

        BigInteger least() {
            return signed ? BigInteger.ONE.shiftLeft(bits - 1).negate() : BigInteger.ZERO;
        }

        BigInteger greatest() {
            return BigInteger.ONE.shiftLeft(signed ? bits - 1 : bits).subtract(BigInteger.ONE);
        }
    }

    /// One of the actions of a command.
    record Step(Action action, Field field, long value, Overflow overflow) {}

    private static Operation parse(Words words, boolean readOnly) {
        byte[] key = words.next();
        List<Step> steps = new ArrayList<>();
        Overflow overflow = Overflow.WRAP;
        while (words.hasNext()) {
            String option = words.option();
            if (option.equals("OVERFLOW") && words.hasNext()) {
                overflow = overflow(words.option());
            } else {
                steps.add(step(option, words, overflow));
            }
        }
        boolean reads = steps.stream().allMatch(step -> step.action() == Action.GET);
        if (!reads && readOnly) {
            throw BadWords.of("BITFIELD_RO only supports the GET subcommand");
        }
        return reads ? new Look(key, List.copyOf(steps)) : new Change(key, List.copyOf(steps));
    }

    private static Overflow overflow(String name) {
        return switch (name) {
            case "WRAP" -> Overflow.WRAP;
            case "SAT" -> Overflow.SAT;
            case "FAIL" -> Overflow.FAIL;
            default -> throw BadWords.of("Invalid OVERFLOW type specified");
        };
    }

    private static Step step(String option, Words words, Overflow overflow) {
        Action action = switch (option) {
            case "GET" -> Action.GET;
            case "SET" -> Action.SET;
            case "INCRBY" -> Action.INCRBY;
            default -> throw BadWords.syntax();
        };
        if (words.left() < (action == Action.GET ? 2 : 3)) {
            throw BadWords.syntax();
        }
        Field field = field(words.next(), words.next());
        return new Step(action, field, action == Action.GET ? 0 : words.whole(), overflow);
    }

    private static Field field(byte[] type, byte[] offset) {
        boolean signed = type.length > 0 && type[0] == 'i';
        boolean known = signed || (type.length > 0 && type[0] == 'u');
        byte[] width = type.length == 0 ? type : Arrays.copyOfRange(type, 1, type.length);
        long bits = known ? Numbers.whole(width).orElse(0) : 0;
        if (bits < 1 || bits > (signed ? Long.SIZE : Long.SIZE - 1)) {
            throw BadWords.of(BAD_TYPE);
        }
        boolean counted = offset.length > 0 && offset[0] == '#';
        long place = Numbers.whole(counted ? Arrays.copyOfRange(offset, 1, offset.length) : offset)
                .orElse(-1);
        long max = (long) CommandTable.VALUE_BYTES_MAX * Byte.SIZE;
        if (place < 0 || place > max) {
            throw BadWords.of(Bits.BAD_OFFSET);
        }
        Field field = new Field(signed, (int) bits, counted ? place * bits : place);
        if (field.behind() > max) {
            throw BadWords.of(Bits.BAD_OFFSET);
        }
        return field;
    }

    /// A field's value; what lies behind the string is zeros.
    private static BigInteger get(byte[] body, Field field) {
        long raw = 0;
        for (long bit = field.offset(); bit < field.behind(); bit++) {
            raw = raw << 1 | (Bits.isSet(body, bit) ? 1 : 0);
        }
        return fold(BigInteger.valueOf(raw), field);
    }

    private static void set(byte[] body, Field field, BigInteger value) {
        for (int i = 0; i < field.bits(); i++) {
            long bit = field.behind() - 1 - i;
            int at = (int) (bit / Byte.SIZE);
            int mask = 1 << (7 - bit % Byte.SIZE);
            body[at] = (byte) (value.testBit(i) ? body[at] | mask : body[at] & ~mask);
        }
    }

    /// The value of the field's width with the same lowest bits.
    private static BigInteger fold(BigInteger value, Field field) {
        BigInteger low = value.and(BigInteger.ONE.shiftLeft(field.bits()).subtract(BigInteger.ONE));
        return field.signed() && low.testBit(field.bits() - 1)
                ? low.subtract(BigInteger.ONE.shiftLeft(field.bits()))
                : low;
    }

    /// What a wanted value becomes; null when it does not fit and must not be changed.
    private static @Nullable BigInteger fit(BigInteger wanted, Step step) {
        Field field = step.field();
        boolean high = wanted.compareTo(field.greatest()) > 0;
        boolean low = wanted.compareTo(field.least()) < 0;
        if (!high && !low) {
            return wanted;
        }
        return switch (step.overflow()) {
            case WRAP -> fold(wanted, field);
            case SAT -> high ? field.greatest() : field.least();
            case FAIL -> null;
        };
    }

    /// The bytes around all fields of a command, zeros behind the string's end.
    private record Window(int first, byte[] bytes) {
        static Window of(Entries entries, @Nullable Entry entry, List<Step> steps) {
            int first = (int) (steps.stream()
                            .mapToLong(step -> step.field().offset())
                            .min()
                            .orElse(0)
                    / Byte.SIZE);
            int behind = behind(steps.stream());
            int end = Math.min(behind, Texts.length(entry));
            byte[] there = entry == null || end <= first ? Layout.NOTHING : Texts.range(entries, entry, first, end);
            return new Window(first, Arrays.copyOf(there, Math.max(0, behind - first)));
        }

        /// The byte behind all these fields.
        static int behind(Stream<Step> steps) {
            long bits = steps.mapToLong(step -> step.field().behind()).max().orElse(0);
            return (int) ((bits + Byte.SIZE - 1) / Byte.SIZE);
        }

        Step inside(Step step) {
            Field field = step.field();
            Field moved = new Field(field.signed(), field.bits(), field.offset() - (long) first * Byte.SIZE);
            return new Step(step.action(), moved, step.value(), step.overflow());
        }
    }

    /// BITFIELD that only looks, BITFIELD_RO.
    record Look(byte[] key, List<Step> steps) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Window window = Window.of(entries, entries.find(key, Type.STRING), steps);
            return new Reply.Listing(steps.stream()
                    .map(step -> Reply.of(
                            get(window.bytes(), window.inside(step).field()).longValue()))
                    .toList());
        }
    }

    /// BITFIELD that changes.
    record Change(byte[] key, List<Step> steps) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.STRING);
            Window window = Window.of(editor, old, steps);
            List<Reply> replies = new ArrayList<>(steps.size());
            for (Step step : steps) {
                replies.add(apply(window.bytes(), window.inside(step)));
            }
            // What is only looked at does not make the string longer.
            int behind = Window.behind(steps.stream().filter(step -> step.action() != Action.GET));
            int length = Math.max(behind, Math.min(Texts.length(old), window.first() + window.bytes().length));
            Texts.write(editor, key, old, window.first(), Arrays.copyOf(window.bytes(), length - window.first()));
            return new Reply.Listing(replies);
        }

        private static Reply apply(byte[] body, Step step) {
            BigInteger old = get(body, step.field());
            if (step.action() == Action.GET) {
                return Reply.of(old.longValue());
            }
            BigInteger wanted = step.action() == Action.SET ? given(step) : old.add(BigInteger.valueOf(step.value()));
            BigInteger value = fit(wanted, step);
            if (value == null) {
                return Reply.NIL;
            }
            set(body, step.field(), value);
            return Reply.of((step.action() == Action.SET ? old : value).longValue());
        }

        /// A negative number for an unsigned field is read as the large one with the same 64 bits.
        private static BigInteger given(Step step) {
            BigInteger value = BigInteger.valueOf(step.value());
            return step.field().signed() || value.signum() >= 0
                    ? value
                    : value.add(BigInteger.ONE.shiftLeft(Long.SIZE));
        }
    }
}
