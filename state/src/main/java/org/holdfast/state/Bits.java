package org.holdfast.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Strings as rows of bits; bit 0 is the highest of byte 0.
final class Bits {
    static final String BAD_OFFSET = "bit offset is not an integer or out of range";

    private static final String BAD_BIT = "bit is not an integer or out of range";

    private Bits() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("setbit", words -> {
            byte[] key = words.next();
            long offset = offset(words);
            return new Setbit(key, offset, bit(words, BAD_BIT, BAD_BIT));
        });
        all.put("getbit", words -> new Getbit(words.next(), offset(words)));
        all.put("bitcount", Bits::bitcount);
        all.put("bitpos", Bits::bitpos);
        all.put("bitop", Bits::bitop);
    }

    private static long offset(Words words) {
        long offset = words.whole(BAD_OFFSET);
        if (offset < 0 || offset / Byte.SIZE >= CommandTable.VALUE_BYTES_MAX) {
            throw BadWords.of(BAD_OFFSET);
        }
        return offset;
    }

    private static boolean bit(Words words, String notWhole, String notBit) {
        long bit = words.whole(notWhole);
        if (bit != 0 && bit != 1) {
            throw BadWords.of(notBit);
        }
        return bit == 1;
    }

    /// Whether a range counts bits: BIT, BYTE or nothing.
    private static boolean inBits(Words words) {
        if (!words.hasNext()) {
            return false;
        }
        String unit = words.option();
        if (words.hasNext() || !(unit.equals("BIT") || unit.equals("BYTE"))) {
            throw BadWords.syntax();
        }
        return unit.equals("BIT");
    }

    private static Operation bitcount(Words words) {
        byte[] key = words.next();
        if (!words.hasNext()) {
            return new Bitcount(key, 0, -1, false);
        }
        if (words.left() == 1) {
            throw BadWords.syntax();
        }
        return new Bitcount(key, words.whole(), words.whole(), inBits(words));
    }

    private static Operation bitpos(Words words) {
        byte[] key = words.next();
        boolean bit = bit(words, "value is not an integer or out of range", "The bit argument must be 1 or 0.");
        long start = words.hasNext() ? words.whole() : 0;
        boolean ended = words.hasNext();
        byte[] last = ended ? words.next() : null;
        boolean inBits = inBits(words); // judged before the end, as Redis does
        long end = last == null ? -1 : Words.whole(last);
        return new Bitpos(key, bit, new Range(start, end, inBits, ended));
    }

    private static Operation bitop(Words words) {
        String name = words.option();
        if (Arrays.stream(Logic.values()).noneMatch(logic -> logic.name().equals(name))) {
            throw BadWords.syntax();
        }
        Logic logic = Logic.valueOf(name);
        byte[] target = words.next();
        List<byte[]> sources = List.copyOf(words.rest());
        if (logic == Logic.NOT && sources.size() != 1) {
            throw BadWords.of("BITOP NOT must be called with a single source key.");
        }
        return new Bitop(logic, target, sources);
    }

    /// A string for bits; nothing when there is no such key.
    static byte[] body(Entries entries, byte[] key) {
        Entry entry = entries.find(key, Type.STRING);
        return Texts.all(entries, entry);
    }

    /// Sets a key's bytes and leaves its expiry.
    static void put(Editor editor, byte[] key, byte[] body) {
        Entry old = editor.find(key);
        long expiry = old == null ? 0 : old.expiry();
        editor.put(key, Entry.string(body).withForm(Strings.RAW).withExpiry(expiry));
    }

    static boolean isSet(byte[] body, long bit) {
        int at = (int) (bit / Byte.SIZE);
        return at < body.length && (body[at] >> (7 - bit % Byte.SIZE) & 1) == 1;
    }

    /// SETBIT.
    record Setbit(byte[] key, long offset, boolean bit) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry entry = editor.find(key, Type.STRING);
            int at = (int) (offset / Byte.SIZE);
            byte old = Texts.at(editor, entry, at);
            int mask = 1 << (7 - offset % Byte.SIZE);
            Texts.write(editor, key, entry, at, new byte[] {(byte) (bit ? old | mask : old & ~mask)});
            return Reply.flag((old & mask) != 0);
        }
    }

    /// GETBIT.
    record Getbit(byte[] key, long offset) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            byte found = Texts.at(entries, entries.find(key, Type.STRING), (int) (offset / Byte.SIZE));
            return Reply.flag((found >> (7 - offset % Byte.SIZE) & 1) == 1);
        }
    }

    /// BITCOUNT.
    record Bitcount(byte[] key, long start, long end, boolean bits) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            byte[] body = body(entries, key);
            Span span = Span.of(start, end, bits ? (long) body.length * Byte.SIZE : body.length);
            if (span == null) {
                return Reply.of(0);
            }
            long first = bits ? span.first() : span.first() * Byte.SIZE;
            long behind = bits ? span.last() + 1 : (span.last() + 1) * Byte.SIZE;
            return Reply.of(count(body, first, behind));
        }

        private static long count(byte[] body, long first, long behind) {
            long count = 0;
            for (long bit = first; bit < behind; ) {
                if (bit % Byte.SIZE == 0 && behind - bit >= Byte.SIZE) {
                    count += Integer.bitCount(body[(int) (bit / Byte.SIZE)] & 0xff);
                    bit += Byte.SIZE;
                } else {
                    count += isSet(body, bit) ? 1 : 0;
                    bit++;
                }
            }
            return count;
        }
    }

    /// Where BITPOS looks.
    ///
    /// @param ended whether an end was named: without one, zeros go on for ever behind the string
    record Range(long start, long end, boolean bits, boolean ended) {}

    /// BITPOS.
    record Bitpos(byte[] key, boolean bit, Range range) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry entry = entries.find(key, Type.STRING);
            if (entry == null) {
                return Reply.of(bit ? -1 : 0);
            }
            byte[] body = Texts.all(entries, entry);
            Span span = Span.clamped(
                    range.start(), range.end(), range.bits() ? (long) body.length * Byte.SIZE : body.length);
            if (span == null) {
                return Reply.of(-1);
            }
            long first = range.bits() ? span.first() : span.first() * Byte.SIZE;
            long behind = range.bits() ? span.last() + 1 : (span.last() + 1) * Byte.SIZE;
            int uniform = bit ? 0 : -1;
            for (long at = first; at < behind; ) {
                if (at % Byte.SIZE == 0 && body[(int) (at / Byte.SIZE)] == uniform) {
                    at += Byte.SIZE;
                } else if (isSet(body, at) == bit) {
                    return Reply.of(at);
                } else {
                    at++;
                }
            }
            return Reply.of(bit || range.ended() ? -1 : behind);
        }
    }

    /// What BITOP does.
    enum Logic {
        AND,
        OR,
        XOR,
        NOT;

        int apply(int a, int b) {
            return switch (this) {
                case AND -> a & b;
                case OR -> a | b;
                case XOR -> a ^ b;
                case NOT -> ~b;
            };
        }
    }

    /// BITOP: shorter strings count as if zeros followed.
    record Bitop(Logic logic, byte[] target, List<byte[]> sources) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            List<byte[]> bodies = new ArrayList<>();
            for (byte[] source : sources) {
                bodies.add(body(editor, source));
            }
            int length = bodies.stream().mapToInt(body -> body.length).max().orElse(0);
            if (length == 0) {
                editor.remove(target);
                return Reply.of(0);
            }
            byte[] result = Arrays.copyOf(bodies.getFirst(), length);
            List<byte[]> others = logic == Logic.NOT ? bodies : bodies.subList(1, bodies.size());
            for (byte[] other : others) {
                for (int i = 0; i < length; i++) {
                    result[i] = (byte) logic.apply(result[i], i < other.length ? other[i] : 0);
                }
            }
            editor.put(target, Entry.string(result).withForm(Strings.RAW));
            return Reply.of(length);
        }
    }
}
