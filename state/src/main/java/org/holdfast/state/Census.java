package org.holdfast.state;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// What tables a shard has and which of its collections are the largest, at one moment: counted by going through all
/// entries once ([ShardState#census]), not through what they hold.
///
/// Keys are exact, with expired ones that no batch has removed yet. Bytes are RocksDB's estimates: of the range of a
/// table's entries; of each collection with [#LARGE_MIN] members and each long string; of all smaller collections
/// together, shared out by their members.
///
/// @param block the last block that was applied then
/// @param tables by name, as in the second part of keys; at most [#TABLES_MAX], the rest is in [#OTHERS]
/// @param largest collections, the largest first
public record Census(long block, Map<String, Table> tables, List<Large> largest) {
    /// Members from which on a collection is a large one.
    public static final int LARGE_MIN = 32;

    /// How many of the large ones are told.
    public static final int LARGEST_MAX = 100;

    /// Tables that are told apart.
    public static final int TABLES_MAX = 10_000;

    /// What holds the keys of further tables.
    public static final String OTHERS = "##others";

    /// A table.
    ///
    /// @param bytes on the disk, about
    public record Table(long keys, long bytes) {}

    /// A collection.
    ///
    /// @param key its full name
    /// @param size members
    public record Large(byte[] key, long size) {}

    /// Measures ranges of records.
    @FunctionalInterface
    interface Scale {
        /// Bytes from a record to another, about.
        long bytes(byte[] from, byte[] to);
    }

    /// Whoever asked does not want it any more.
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("stopped", null, false, false);
        }
    }

    private static final class Sums {
        private long keys;
        private long bytes;
        private long smallMembers;
        private byte @Nullable [] first;
        private byte[] last = Layout.NOTHING;
    }

    /// Goes through all entries.
    static Census of(Store store, Scale scale, long block, BooleanSupplier stopped) {
        Map<String, Sums> tables = new TreeMap<>();
        PriorityQueue<Large> largest = new PriorityQueue<>(Comparator.comparingLong(Large::size));
        long[] apart = {0};
        store.up(new byte[] {Layout.ENTRY}, new byte[] {Layout.ENTRY + 1}, (at, stored) -> {
            if (stopped.getAsBoolean()) {
                throw new Stopped();
            }
            byte[] key = Layout.keyOfEntry(at);
            Sums table = table(tables, key);
            table.keys++;
            if (table.first == null) {
                table.first = at;
            }
            table.last = at;
            Entry entry = Entry.decode(stored);
            boolean text = entry.type() == Type.STRING || entry.type() == Type.JSON;
            if (entry.hasMembers() && (text || entry.size() >= LARGE_MIN)) {
                long bytes = scale.bytes(Layout.members(entry.generation()), Layout.members(entry.generation() + 1));
                table.bytes += bytes;
                apart[0] += bytes;
            } else if (entry.hasMembers()) {
                table.smallMembers += entry.size();
            }
            if (entry.hasMembers() && !text && entry.size() >= LARGE_MIN) {
                largest.add(new Large(key, entry.size()));
                if (largest.size() > LARGEST_MAX) {
                    largest.remove();
                }
            }
            return true;
        });
        long small = Math.max(0, scale.bytes(new byte[] {Layout.MEMBER}, new byte[] {Layout.END}) - apart[0]);
        return new Census(block, shared(tables, scale, small), sorted(largest));
    }

    private static Map<String, Table> shared(Map<String, Sums> tables, Scale scale, long smallBytes) {
        long members =
                tables.values().stream().mapToLong(sums -> sums.smallMembers).sum();
        Map<String, Table> told = new TreeMap<>();
        tables.forEach((name, sums) -> {
            long entries = sums.first == null || name.equals(OTHERS) ? 0 : scale.bytes(sums.first, sums.last);
            long small = members == 0 ? 0 : (long) ((double) smallBytes * sums.smallMembers / members);
            told.put(name, new Table(sums.keys, entries + sums.bytes + small));
        });
        return told;
    }

    private static List<Large> sorted(PriorityQueue<Large> largest) {
        List<Large> sorted = new ArrayList<>(largest);
        sorted.sort(Comparator.comparingLong(Large::size).reversed());
        return List.copyOf(sorted);
    }

    private static Sums table(Map<String, Sums> tables, byte[] key) {
        String name = tableOf(key);
        Sums known = tables.get(name);
        return known != null
                ? known
                : tables.computeIfAbsent(tables.size() < TABLES_MAX ? name : OTHERS, _ -> new Sums());
    }

    private static String tableOf(byte[] key) {
        int first = 0;
        while (first < key.length && key[first] != ':') {
            first++;
        }
        int end = first + 1;
        while (end < key.length && key[end] != ':') {
            end++;
        }
        return end >= key.length ? "" : new String(key, first + 1, end - first - 1, StandardCharsets.ISO_8859_1);
    }
}
