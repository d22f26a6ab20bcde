package org.holdfast.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finding keys: KEYS, SCAN, RANDOMKEY.
///
/// A cursor of SCAN is the slot to go on with, a number below 2^48; 0 begins and ends. It says all there is to say, so
/// any node answers it at any time. A key that is there from the first call to the last is returned, none is returned
/// twice unless it was deleted and made again.
final class Scans {
    private static final long COUNT_DEFAULT = 10;
    private static final int COUNT_MAX = 100_000;
    private static final int RANDOM_TRIES = 100;

    private Scans() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("keys", words -> new KeysOf(new Glob(words.next())));
        all.put("randomkey", words -> new Randomkey());
        all.put("scan", words -> scan(words));
    }

    private static Operation scan(Words words) {
        long cursor = cursor(words.next());
        Filter filter = Filter.of(words, true);
        return new Scan(cursor, filter);
    }

    /// A cursor as all scans take it.
    static long cursor(byte[] word) {
        try {
            return Long.parseUnsignedLong(Command.lower(word));
        } catch (NumberFormatException e) {
            throw BadWords.of("invalid cursor");
        }
    }

    /// What a scan is to return, and how much it looks at.
    ///
    /// @param pattern null for everything
    /// @param count how many to look at, at least
    /// @param type null for all types, as TYPE names them
    record Filter(
            @Nullable Glob pattern, int count, @Nullable String type) {
        boolean matches(byte[] name) {
            return pattern == null || pattern.matches(name);
        }

        /// Reads MATCH, COUNT and, where it makes sense, TYPE.
        static Filter of(Words words, boolean typed) {
            Glob pattern = null;
            long count = COUNT_DEFAULT;
            String type = null;
            while (words.hasNext()) {
                String option = words.option();
                if (option.equals("COUNT")) {
                    count = words.whole();
                    if (count < 1) {
                        throw BadWords.syntax();
                    }
                } else if (option.equals("MATCH")) {
                    pattern = new Glob(words.next());
                } else if (option.equals("TYPE") && typed) {
                    type = Command.lower(words.next());
                } else {
                    throw BadWords.syntax();
                }
            }
            return new Filter(pattern, (int) Math.min(count, COUNT_MAX), type);
        }
    }

    /// KEYS.
    record KeysOf(Glob pattern) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return new Reply.Listing(
                    Keys.matching(entries, pattern).stream().map(Reply::of).toList());
        }
    }

    /// SCAN.
    record Scan(long cursor, Filter filter) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            List<Reply> keys = new ArrayList<>();
            // One more than wanted: its slot is where the next call begins.
            List<byte[]> slots =
                    cursor > Layout.SLOT_MAX ? List.of() : entries.bySlot(Math.max(1, cursor), filter.count() + 1);
            boolean more = slots.size() > filter.count();
            long last = more ? Layout.slotOf(slots.getLast()) : 0;
            // Where all of them share one slot, all go out and the next one begins behind it.
            long next = more && Layout.slotOf(slots.getFirst()) == last ? last + 1 : last;
            for (byte[] at : slots) {
                byte[] key = Layout.keyOfSlot(at);
                if ((!more || Layout.slotOf(at) != next) && wanted(entries, key)) {
                    keys.add(Reply.of(key));
                }
            }
            return new Reply.Listing(List.of(Reply.bulk(Long.toUnsignedString(next)), new Reply.Listing(keys)));
        }

        private boolean wanted(Entries entries, byte[] key) {
            Entry entry = entries.find(key);
            return entry != null
                    && filter.matches(key)
                    && (filter.type() == null
                            || filter.type().equals(entry.type().text()));
        }
    }

    /// RANDOMKEY: the next key from a random slot on.
    record Randomkey() implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            for (int i = 0; i < RANDOM_TRIES; i++) {
                long slot = entries.chance().nextLong() & Layout.SLOT_MAX;
                List<byte[]> found = entries.bySlot(slot, 1);
                if (found.isEmpty()) {
                    found = entries.bySlot(0, 1);
                }
                if (found.isEmpty()) {
                    return Reply.NIL;
                }
                byte[] key = Layout.keyOfSlot(found.getFirst());
                if (entries.find(key) != null) {
                    return Reply.of(key);
                }
            }
            return Reply.NIL;
        }
    }
}
