package org.holdfast.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Keys of a table within bounds: TABLE.DELRANGE removes some, TABLE.COUNTRANGE counts some. Ours, and of nodes
/// themselves: no client's words come to these ([CommandSpec.Home#INTERNAL]). One command goes through a bounded number
/// of keys and says where to go on, so that no block takes long to apply.
///
/// Words: `keyspace:table:`, the first key, the key before which it ends (nothing: the table's end; both without
/// keyspace and table, in order of bytes), how many keys to go through. The reply is a list: how many were removed or
/// counted, 1 when there may be more or 0, the key to go on at.
public final class RangeDeletes {
    /// Keys that one TABLE.DELRANGE goes through.
    public static final int REMOVED_MAX = 1_000;

    /// Keys that one TABLE.COUNTRANGE goes through.
    public static final int COUNTED_MAX = 50_000;

    private RangeDeletes() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("table.delrange", words -> new Delete(Range.of(words, REMOVED_MAX)));
        all.put("table.countrange", words -> new Count(Range.of(words, COUNTED_MAX)));
    }

    /// Where to look.
    ///
    /// @param table all keys of the table begin with it
    /// @param from the first full name
    /// @param to behind the last
    private record Range(byte[] table, byte[] from, byte[] to, int limit) {
        static Range of(Words words, int most) {
            byte[] table = words.next();
            TableWord word = TableWord.of(table);
            if (word == null || word.table().length != table.length) {
                throw BadWords.of("keyspace:table: is wanted");
            }
            byte[] from = words.name("key");
            byte[] to = words.name("key");
            long limit = words.whole();
            if (limit < 1 || limit > most) {
                throw BadWords.of("the number of keys is from 1 to %d".formatted(most));
            }
            byte[] end = to.length == 0 ? Entries.after(table) : joined(table, to);
            return new Range(table, joined(table, from), end, (int) limit);
        }

        private static byte[] joined(byte[] table, byte[] key) {
            byte[] full = Arrays.copyOf(table, table.length + key.length);
            System.arraycopy(key, 0, full, table.length, key.length);
            return full;
        }

        /// The keys in it, one more than the limit where there are so many; expired ones, too.
        List<byte[]> keys(Entries entries) {
            List<byte[]> found = new ArrayList<>();
            if (Arrays.compareUnsigned(from, to) >= 0) {
                return found;
            }
            entries.store().up(Layout.entry(from), Layout.entry(to), (at, stored) -> {
                found.add(Layout.keyOfEntry(at));
                return found.size() <= limit;
            });
            return found;
        }

        Reply told(List<byte[]> found, long count) {
            boolean more = found.size() > limit;
            byte[] next =
                    more ? Arrays.copyOfRange(found.getLast(), table.length, found.getLast().length) : Layout.NOTHING;
            return new Reply.Listing(List.of(Reply.of(count), Reply.flag(more), Reply.of(next)));
        }
    }

    /// TABLE.DELRANGE table from to limit. What expired goes, too, and is not counted.
    record Delete(Range range) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            List<byte[]> found = range.keys(editor);
            long removed =
                    found.stream().limit(range.limit()).filter(editor::remove).count();
            return range.told(found, removed);
        }
    }

    /// TABLE.COUNTRANGE table from to limit.
    record Count(Range range) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            List<byte[]> found = range.keys(entries);
            long living = found.stream()
                    .limit(range.limit())
                    .filter(key -> entries.find(key) != null)
                    .count();
            return range.told(found, living);
        }
    }
}
