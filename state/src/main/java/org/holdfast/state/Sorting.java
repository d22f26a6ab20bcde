package org.holdfast.state;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// SORT and SORT_RO: the elements of a list, a set or a sorted set in another order. Texts are compared by their bytes.
/// Where two weights are equal, the elements decide.
///
/// Keys that BY and GET name are looked for in this shard; see [SortPatterns].
final class Sorting {
    private Sorting() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("sort", words -> sort(words, true));
        all.put("sort_ro", words -> sort(words, false));
    }

    private static Operation sort(Words words, boolean mayStore) {
        byte[] key = words.next();
        Lookup by = null;
        List<Lookup> gets = new ArrayList<>();
        boolean descending = false;
        boolean alpha = false;
        long offset = 0;
        long count = -1;
        byte[] target = null;
        while (words.hasNext()) {
            switch (words.option()) {
                case "ASC" -> descending = false;
                case "DESC" -> descending = true;
                case "ALPHA" -> alpha = true;
                case "LIMIT" -> {
                    offset = words.whole();
                    count = words.whole();
                }
                case "BY" -> by = Lookup.of(words.next());
                case "GET" -> gets.add(Lookup.of(words.next()));
                case "STORE" -> {
                    if (!mayStore) {
                        throw BadWords.syntax();
                    }
                    target = words.next();
                }
                default -> throw BadWords.syntax();
            }
        }
        Order order = new Order(by, descending, alpha);
        Sort sort = new Sort(key, order, new Slice(offset, count), List.copyOf(gets));
        return target == null ? sort : new SortInto(sort, target);
    }

    /// A key, or a field of one, named by an element.
    ///
    /// @param pattern as it was said
    /// @param star where the element goes in; -1 for nowhere
    /// @param arrow where the name of a field begins, behind an arrow; -1 for none
    record Lookup(byte[] pattern, int star, int arrow) {
        static Lookup of(byte[] pattern) {
            int star = SortPatterns.star(pattern);
            int arrow = -1;
            for (int i = star + 1; star >= 0 && i + 2 < pattern.length && arrow < 0; i++) {
                arrow = pattern[i] == '-' && pattern[i + 1] == '>' ? i + 2 : -1;
            }
            return new Lookup(pattern, star, arrow);
        }

        boolean isElement() {
            return pattern.length == 1 && pattern[0] == '#';
        }

        /// What it leads to; null for nothing, or something of another type.
        byte @Nullable [] value(Entries entries, byte[] element) {
            if (isElement()) {
                return element;
            }
            if (star < 0) {
                return null;
            }
            int end = arrow < 0 ? pattern.length : arrow - 2;
            byte[] key = new byte[end - 1 + element.length];
            System.arraycopy(pattern, 0, key, 0, star);
            System.arraycopy(element, 0, key, star, element.length);
            System.arraycopy(pattern, star + 1, key, star + element.length, end - star - 1);
            Entry entry = entries.find(key);
            if (entry == null || entry.type() != (arrow < 0 ? Type.STRING : Type.HASH)) {
                return null;
            }
            return arrow < 0
                    ? Texts.all(entries, entry)
                    : Slotted.get(entries, entry, Arrays.copyOfRange(pattern, arrow, pattern.length));
        }
    }

    /// By what elements are compared.
    ///
    /// @param by null for the elements themselves; one without a place for the element means that they stay as they are
    record Order(@Nullable Lookup by, boolean descending, boolean alpha) {
        boolean stays() {
            return by != null && by.star() < 0;
        }
    }

    /// Which part of the sorted elements is wanted.
    ///
    /// @param count negative for all that follow
    record Slice(long offset, long count) {
        List<byte[]> of(List<byte[]> all) {
            int from = Math.clamp(offset, 0, all.size());
            int most = all.size() - from;
            return all.subList(from, from + (count < 0 ? most : (int) Math.min(count, most)));
        }
    }

    /// An element with what it is compared by.
    private record Weighted(byte[] element, double number, byte @Nullable [] text) {}

    /// SORT without STORE, SORT_RO.
    record Sort(byte[] key, Order order, Slice slice, List<Lookup> gets) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return new Reply.Listing(sorted(entries, false).stream()
                    .map(value -> value == null ? Reply.NIL : Reply.of(value))
                    .toList());
        }

        /// What is wanted of each element, in order.
        ///
        /// @param stored whether it is stored: elements of a set have no order of their own to be stored in
        List<byte @Nullable []> sorted(Entries entries, boolean stored) {
            Entry entry = entries.find(key);
            if (entry == null) {
                return List.of();
            }
            List<byte[]> elements = elements(entries, entry);
            if (!order.stays() || (stored && entry.type() == Type.SET)) {
                boolean plain = order.stays();
                elements = inOrder(entries, elements, plain ? new Order(null, order.descending, true) : order);
            } else if (order.descending && entry.type() != Type.SET) {
                Collections.reverse(elements);
            }
            List<byte[]> chosen = slice.of(elements);
            if (gets.isEmpty()) {
                return new ArrayList<>(chosen);
            }
            List<byte @Nullable []> values = new ArrayList<>();
            for (byte[] element : chosen) {
                for (Lookup get : gets) {
                    byte[] value = get.value(entries, element);
                    entries.taken(value == null ? 0 : value.length);
                    values.add(value);
                }
            }
            return values;
        }

        private static List<byte[]> elements(Entries entries, Entry entry) {
            return new ArrayList<>(
                    switch (entry.type()) {
                        case LIST -> Places.taken(entries, entry, 0, entry.size());
                        case SET ->
                            Slotted.all(entries, entry).stream()
                                    .map(Slotted.Item::name)
                                    .toList();
                        case ZSET ->
                            Scores.all(entries, entry).stream()
                                    .map(Scores.Scored::name)
                                    .toList();
                        case STRING, HASH, JSON -> throw new Entries.WrongType();
                    });
        }

        private static List<byte[]> inOrder(Entries entries, List<byte[]> elements, Order order) {
            List<Weighted> weighted = new ArrayList<>(elements.size());
            Lookup by = order.by;
            for (byte[] element : elements) {
                byte[] text = by == null ? element : by.value(entries, element);
                if (by != null) {
                    entries.taken(text == null ? 0 : text.length);
                }
                double number = order.alpha || text == null ? 0 : number(text);
                weighted.add(new Weighted(element, number, order.alpha ? text : null));
            }
            Comparator<Weighted> byWeight = order.alpha
                    ? Comparator.comparing(Weighted::text, Comparator.nullsFirst(Arrays::compareUnsigned))
                    : Comparator.comparingDouble(one -> one.number + 0.0);
            Comparator<Weighted> whole = byWeight.thenComparing(Weighted::element, Arrays::compareUnsigned);
            weighted.sort(order.descending ? whole.reversed() : whole);
            return weighted.stream().map(Weighted::element).toList();
        }

        /// As C's `strtod` reads it, up to a zero byte; nothing is 0.
        private static double number(byte[] word) {
            String text = new String(word, StandardCharsets.ISO_8859_1);
            int end = text.indexOf('\0');
            String cut = end < 0 ? text : text.substring(0, end);
            int from = 0;
            while (from < cut.length()
                    && (cut.charAt(from) == ' ' || (cut.charAt(from) >= 9 && cut.charAt(from) <= 13))) {
                from++;
            }
            byte[] rest = cut.substring(from).getBytes(StandardCharsets.ISO_8859_1);
            return cut.isEmpty()
                    ? 0
                    : Numbers.real(rest)
                            .orElseThrow(() -> Refused.of("One or more scores can't be converted into double"));
        }
    }

    /// SORT with STORE: what is nowhere to be found is an empty element.
    record SortInto(Sort sort, byte[] target) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            List<byte[]> elements = new ArrayList<>();
            for (byte[] value : sort.sorted(editor, true)) {
                elements.add(value == null ? Layout.NOTHING : value);
            }
            editor.remove(target);
            if (!elements.isEmpty()) {
                editor.put(target, Places.anew(editor, Lists.orNew(editor, null), elements));
            }
            return Reply.of(elements.size());
        }
    }
}
