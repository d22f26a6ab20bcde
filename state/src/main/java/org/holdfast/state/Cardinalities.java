package org.holdfast.state;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// PFADD, PFCOUNT, PFMERGE over [HyperLogLog].
final class Cardinalities {
    private static final Reply.Failure NO_HLL =
            new Reply.Failure("WRONGTYPE", "Key is not a valid HyperLogLog string value.");

    private Cardinalities() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("pfadd", words -> new Pfadd(words.next(), List.copyOf(words.rest())));
        all.put("pfcount", words -> new Pfcount(List.copyOf(words.rest())));
        all.put("pfmerge", words -> new Pfmerge(words.next(), List.copyOf(words.rest())));
    }

    private static @Nullable HyperLogLog decode(Entries entries, @Nullable Entry entry) {
        if (entry == null) {
            return null;
        }
        HyperLogLog log = HyperLogLog.decode(Texts.all(entries, entry));
        if (log == null) {
            throw new Refused(NO_HLL);
        }
        return log;
    }

    private static void mergeInto(HyperLogLog union, Entries entries, List<byte[]> keys) {
        for (byte[] key : keys) {
            HyperLogLog log = decode(entries, entries.find(key, Type.STRING));
            if (log != null) {
                union.merge(log);
            }
        }
    }

    /// PFADD.
    record Pfadd(byte[] key, List<byte[]> elements) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.STRING);
            HyperLogLog found = decode(editor, old);
            HyperLogLog log = found == null ? new HyperLogLog() : found;
            boolean changed = old == null;
            for (byte[] element : elements) {
                changed |= log.add(element);
            }
            if (changed) {
                Bits.put(editor, key, log.encode());
            }
            return Reply.flag(changed);
        }
    }

    /// PFCOUNT: of all keys together.
    record Pfcount(List<byte[]> keys) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            HyperLogLog union = new HyperLogLog();
            mergeInto(union, entries, keys);
            return Reply.of(union.count());
        }
    }

    /// PFMERGE: the target's own elements stay.
    record Pfmerge(byte[] target, List<byte[]> sources) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            HyperLogLog union = new HyperLogLog();
            mergeInto(union, editor, List.of(target));
            mergeInto(union, editor, sources);
            Bits.put(editor, target, union.encode());
            return Reply.OK;
        }
    }
}
