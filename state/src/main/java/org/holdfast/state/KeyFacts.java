package org.holdfast.state;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What OBJECT and MEMORY USAGE tell of a key, for programs that look at how Redis keeps it. Nothing here is kept in
/// memory, and a read leaves no trace: the answers are what is next to their meaning in Redis.
final class KeyFacts {
    private static final int SAMPLES = 5;

    // More is not looked at, whatever was asked for.
    private static final int SAMPLES_MAX = 10_000;
    private static final long MILLIS_PER_SECOND = 1000;

    private KeyFacts() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("object|encoding", words -> new Encoding(words.get(2)));
        all.put("object|refcount", words -> new Refcount(words.get(2)));
        all.put("object|idletime", words -> new IdleTime(words.get(2)));
        all.put("object|freq", words -> new Frequency(words.get(2)));
        all.put("object|help", words -> new Help());
        all.put("memory|usage", KeyFacts::usage);
    }

    private static Operation usage(Words words) {
        words.next();
        byte[] key = words.next();
        long samples = SAMPLES;
        while (words.hasNext()) {
            if (!words.option().equals("SAMPLES")) {
                throw BadWords.syntax();
            }
            samples = words.whole();
            if (samples < 0) {
                throw BadWords.syntax();
            }
        }
        long most = samples == 0 ? SAMPLES_MAX : Math.min(samples, SAMPLES_MAX);
        return new Usage(key, (int) most);
    }

    /// OBJECT ENCODING.
    record Encoding(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry entry = entries.find(key);
            return entry == null ? Reply.NIL : Reply.bulk(Encodings.of(entry));
        }
    }

    /// OBJECT REFCOUNT: nothing is shared here.
    record Refcount(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return entries.find(key) == null ? Reply.NIL : Reply.of(1);
        }
    }

    /// OBJECT IDLETIME: seconds since the last change.
    record IdleTime(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry entry = entries.find(key);
            return entry == null
                    ? Reply.NIL
                    : Reply.of(Math.max(0, entries.nowMillis() - entry.modified()) / MILLIS_PER_SECOND);
        }
    }

    /// OBJECT FREQ: what Redis answers unless told to count accesses.
    record Frequency(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            if (entries.find(key) == null) {
                return Reply.NIL;
            }
            throw Refused.of("An LFU maxmemory policy is not selected, access frequency not tracked. Please note that"
                    + " when switching between policies at runtime LRU and LFU data will take some time to adjust.");
        }
    }

    /// OBJECT HELP.
    record Help() implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return new Reply.Listing(
                    List.of(Reply.bulk("OBJECT ENCODING key | FREQ key | IDLETIME key | REFCOUNT key")));
        }
    }

    /// MEMORY USAGE: bytes of the key's records, of a collection as estimated by its first members.
    record Usage(byte[] key, int samples) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            @Nullable Entry entry = entries.find(key);
            if (entry == null) {
                return Reply.NIL;
            }
            long own = Layout.entry(key).length + (long) entry.encode().length;
            if (!entry.hasMembers()) {
                return Reply.of(own);
            }
            if (entry.type() == Type.STRING) {
                return Reply.of(own + entry.size());
            }
            long[] seen = new long[2];
            byte[] from = {(byte) (Layout.SUM_PART + 1)};
            byte[] to = {(byte) Layout.DERIVED_PART};
            entries.members(entry, from, to, (member, value) -> {
                seen[0]++;
                seen[1] += Layout.member(entry.generation(), member).length + (long) value.length;
                return seen[0] < samples;
            });
            return Reply.of(own + (seen[0] == 0 ? 0 : seen[1] * entry.size() / seen[0]));
        }
    }
}
