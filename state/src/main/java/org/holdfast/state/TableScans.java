package org.holdfast.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// ZanKV's scans of one table: ADVSCAN, ADVREVSCAN and REVSCAN find keys of a type in their order, FULLSCAN finds
/// keys with what they hold.
///
/// The first word is a [TableWord], where a cursor of nothing begins; the reply's first item is the next cursor,
/// nothing at the end. A cursor is the last key in base64, for FULLSCAN with `:` and the place inside a collection
/// where it was cut. A pattern sees `table:key`; replies name keys without keyspace and table.
///
/// A call looks at [#LOOKED_MAX] keys at most, so a page may be empty before the end; a page of FULLSCAN ends
/// early behind [#BYTES_MAX].
final class TableScans {
    /// Keys that one call looks at.
    static final int LOOKED_MAX = 10_000;

    /// Bytes of a page behind which nothing is added to it.
    static final int BYTES_MAX = 1 << 20;

    private static final int FIRST_ITEMS = 2;
    private static final long COUNT_DEFAULT = 100;
    private static final long COUNT_MAX = 5_000;
    private static final Map<String, Type> TYPES = Map.of(
            "KV",
            Type.STRING,
            "HASH",
            Type.HASH,
            "LIST",
            Type.LIST,
            "SET",
            Type.SET,
            "ZSET",
            Type.ZSET,
            "JSON",
            Type.JSON);

    private TableScans() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("advscan", words -> new Find(From.of(words), type(words), Filter.of(words), false));
        all.put("advrevscan", words -> new Find(From.of(words), type(words), Filter.of(words), true));
        all.put("revscan", words -> new Find(From.of(words), Type.STRING, Filter.of(words), true));
        all.put("fullscan", words -> new Read(From.of(words), type(words), Filter.of(words)));
    }

    private static Type type(Words words) {
        Type type = TYPES.get(words.option());
        if (type == null) {
            throw BadWords.of("the type is one of KV, HASH, LIST, SET, ZSET, JSON");
        }
        return type;
    }

    /// Where a scan goes on.
    ///
    /// @param table all keys of the table begin with it
    /// @param keyspace how many bytes of it name the keyspace, with the colon
    /// @param key the last key; null at the beginning
    /// @param inside where in that key; negative behind it
    record From(byte[] table, int keyspace, byte @Nullable [] key, long inside) {
        static From of(Words words) {
            TableWord word = TableWord.of(words.next());
            if (word == null) {
                throw BadWords.of("keyspace:table:cursor is wanted, the cursor as the last page told it");
            }
            byte[] table = word.table();
            String cursor = word.inner();
            if (cursor.isEmpty()) {
                return new From(table, word.keyspace(), null, -1);
            }
            int cut = cursor.indexOf(':');
            try {
                byte[] bare = Base64.getDecoder().decode(cut < 0 ? cursor : cursor.substring(0, cut));
                long inside = cut < 0 ? -1 : Long.parseLong(cursor.substring(cut + 1));
                byte[] key = Arrays.copyOf(table, table.length + bare.length);
                System.arraycopy(bare, 0, key, table.length, bare.length);
                return new From(table, word.keyspace(), key, inside);
            } catch (IllegalArgumentException e) {
                throw BadWords.of("invalid cursor");
            }
        }

        byte[] bare(byte[] full) {
            return Arrays.copyOfRange(full, table.length, full.length);
        }

        /// What a pattern sees.
        byte[] shown(byte[] full) {
            return Arrays.copyOfRange(full, keyspace, full.length);
        }

        String cursor(byte[] full) {
            return Base64.getEncoder().encodeToString(bare(full));
        }
    }

    /// What is wanted.
    ///
    /// @param count of keys, or of what they hold
    record Filter(@Nullable Glob pattern, long count) {
        static Filter of(Words words) {
            Glob pattern = null;
            long count = COUNT_DEFAULT;
            while (words.hasNext()) {
                switch (words.option()) {
                    case "MATCH" -> pattern = new Glob(words.next());
                    case "COUNT" -> count = words.whole();
                    default -> throw BadWords.syntax();
                }
            }
            if (count < 1 || count > COUNT_MAX) {
                throw BadWords.of("COUNT is from 1 to %d".formatted(COUNT_MAX));
            }
            return new Filter(pattern, count);
        }
    }

    /// A key that was looked at.
    private record Looked(byte[] key, boolean wanted) {}

    /// Keys of the table in order, until so many are wanted ones or enough were looked at.
    private static List<Looked> look(Entries entries, From from, Type type, Filter filter, boolean backwards) {
        List<Looked> looked = new ArrayList<>();
        long[] wanted = {0};
        Store.Visitor visitor = (at, stored) -> {
            byte[] key = Layout.keyOfEntry(at);
            Entry entry = Entry.decode(stored);
            boolean fits = entry.type() == type
                    && !entry.isExpired(entries.nowMillis())
                    && (filter.pattern() == null || filter.pattern().matches(from.shown(key)));
            looked.add(new Looked(key, fits));
            wanted[0] += fits ? 1 : 0;
            return wanted[0] < filter.count() && looked.size() < LOOKED_MAX;
        };
        byte[] start = Layout.entry(from.table());
        byte[] end = Layout.entry(Entries.after(from.table()));
        byte[] key = from.key();
        if (key != null && backwards) {
            end = Layout.entry(key);
        } else if (key != null) {
            byte[] at = Layout.entry(key);
            start = from.inside() < 0 ? Arrays.copyOf(at, at.length + 1) : at;
        }
        if (Arrays.compareUnsigned(start, end) < 0) {
            if (backwards) {
                entries.store().down(start, end, visitor);
            } else {
                entries.store().up(start, end, visitor);
            }
        }
        return looked;
    }

    private static boolean isEnough(List<Looked> looked, Filter filter) {
        return looked.size() >= LOOKED_MAX
                || looked.stream().filter(Looked::wanted).count() >= filter.count();
    }

    private static Reply page(String next, List<Reply> found) {
        return new Reply.Listing(List.of(Reply.bulk(next), new Reply.Listing(found)));
    }

    /// ADVSCAN, ADVREVSCAN, REVSCAN.
    record Find(From from, Type type, Filter filter, boolean backwards) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            List<Looked> looked = look(entries, from, type, filter, backwards);
            List<Reply> keys = looked.stream()
                    .filter(Looked::wanted)
                    .map(one -> Reply.of(from.bare(one.key())))
                    .toList();
            return page(isEnough(looked, filter) ? from.cursor(looked.getLast().key()) : "", keys);
        }
    }

    /// Some of what a key holds.
    ///
    /// @param next where to go on in it; negative at its end
    private record Part(List<Reply> items, long bytes, long next) {}

    /// FULLSCAN.
    record Read(From from, Type type, Filter filter) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            List<Looked> looked = look(entries, from, type, filter, false);
            List<Reply> rows = new ArrayList<>();
            long left = filter.count();
            long bytes = 0;
            String last = "";
            for (Looked one : looked) {
                if (left <= 0 || bytes >= BYTES_MAX) {
                    return page(last, rows);
                }
                last = from.cursor(one.key());
                Entry entry = one.wanted() ? entries.find(one.key()) : null;
                if (entry != null) {
                    List<Reply> row = new ArrayList<>(List.of(Reply.of(from.bare(one.key()))));
                    long inside = from.inside() >= 0 && Arrays.equals(one.key(), from.key()) ? from.inside() : 0;
                    // Few first: nobody knows how large they are.
                    for (int count = FIRST_ITEMS; inside >= 0 && left > 0 && bytes < BYTES_MAX; count *= 2) {
                        Part part = part(entries, entry, inside, (int) Math.min(count, left));
                        row.addAll(part.items());
                        left -= part.items().size();
                        bytes += part.bytes();
                        inside = part.next();
                    }
                    rows.add(new Reply.Listing(row));
                    if (inside >= 0) {
                        return page(last + ":" + inside, rows);
                    }
                }
            }
            return page(isEnough(looked, filter) ? last : "", rows);
        }

        private static Part part(Entries entries, Entry entry, long inside, int count) {
            return switch (entry.type()) {
                case STRING, JSON -> {
                    byte[] text = Texts.all(entries, entry);
                    yield new Part(List.of(Reply.of(text)), text.length, -1);
                }
                case LIST -> {
                    long length = Math.clamp(entry.size() - inside, 0, count);
                    List<byte[]> items = length == 0 ? List.of() : Places.range(entries, entry, inside, length);
                    long bytes = items.stream().mapToLong(item -> item.length).sum();
                    long next = inside + length < entry.size() ? inside + length : -1;
                    yield new Part(items.stream().map(Reply::of).toList(), bytes, next);
                }
                case HASH, SET, ZSET -> {
                    Slotted.Page page = Slotted.page(entries, entry, inside, count);
                    long bytes = page.items().stream()
                            .mapToLong(item -> item.name().length + item.value().length)
                            .sum();
                    List<Reply> items = page.items().stream()
                            .map(item -> item(entry.type(), item))
                            .toList();
                    yield new Part(items, bytes, page.next() == 0 ? -1 : page.next());
                }
            };
        }

        private static Reply item(Type type, Slotted.Item item) {
            if (type == Type.SET) {
                return Reply.of(item.name());
            }
            Reply value =
                    type == Type.ZSET ? Reply.bulk(Numbers.text(Scores.decode(item.value()))) : Reply.of(item.value());
            return new Reply.Listing(List.of(Reply.of(item.name()), value));
        }
    }
}
