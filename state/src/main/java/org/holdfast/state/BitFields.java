package org.holdfast.state;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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

    /// BITFIELD that only looks, BITFIELD_RO.
    record Look(byte[] key, List<Step> steps) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            byte[] body = Bits.body(entries, key);
            return new Reply.Listing(steps.stream()
                    .map(step -> Reply.of(get(body, step.field()).longValue()))
                    .toList());
        }
    }

    /// BITFIELD that changes.
    record Change(byte[] key, List<Step> steps) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            byte[] old = Bits.body(editor, key);
            long bits = steps.stream()
                    .filter(step -> step.action() != Action.GET)
                    .mapToLong(step -> step.field().behind())
                    .max()
                    .orElse(0);
            byte[] body = Arrays.copyOf(old, Math.max(old.length, (int) ((bits + Byte.SIZE - 1) / Byte.SIZE)));
            List<Reply> replies = new ArrayList<>(steps.size());
            for (Step step : steps) {
                replies.add(apply(body, step));
            }
            Bits.put(editor, key, body);
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
