package org.holdfast.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.holdfast.env.Invariant;
import org.holdfast.state.Places.End;
import org.jspecify.annotations.Nullable;

/// Lists: the commands about one of them. Where elements lie is told by [Places]. See [ListMoves] for those about more.
final class Lists {
    private Lists() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("lpush", words -> new Push(words.next(), values(words), End.LEFT, false));
        all.put("rpush", words -> new Push(words.next(), values(words), End.RIGHT, false));
        all.put("lpushx", words -> new Push(words.next(), values(words), End.LEFT, true));
        all.put("rpushx", words -> new Push(words.next(), values(words), End.RIGHT, true));
        all.put("lpop", words -> pop(words, End.LEFT, "lpop"));
        all.put("rpop", words -> pop(words, End.RIGHT, "rpop"));
        all.put("llen", words -> new Llen(words.next()));
        all.put("lrange", words -> new Lrange(words.next(), words.whole(), words.whole()));
        all.put("lindex", words -> new Lindex(words.next(), words.whole()));
        all.put("lset", words -> new Lset(words.next(), words.whole(), words.value()));
        all.put("linsert", Lists::linsert);
        all.put("lrem", words -> new Lrem(words.next(), words.whole(), words.next()));
        all.put("ltrim", words -> new Ltrim(words.next(), words.whole(), words.whole()));
        all.put("lpos", Lists::lpos);
    }

    private static List<byte[]> values(Words words) {
        List<byte[]> values = new ArrayList<>();
        while (words.hasNext()) {
            values.add(words.value());
        }
        return List.copyOf(values);
    }

    private static Operation pop(Words words, End end, String name) {
        byte[] key = words.next();
        if (words.left() > 1) {
            throw BadWords.of("wrong number of arguments for '%s' command".formatted(name));
        }
        if (!words.hasNext()) {
            return new Pop(key, end, 1, false);
        }
        return new Pop(key, end, words.atLeast(0, "value is out of range, must be positive"), true);
    }

    private static Operation linsert(Words words) {
        byte[] key = words.next();
        boolean before = switch (words.option()) {
            case "BEFORE" -> true;
            case "AFTER" -> false;
            default -> throw BadWords.syntax();
        };
        return new Linsert(key, before, words.next(), words.value());
    }

    private static Operation lpos(Words words) {
        byte[] key = words.next();
        byte[] element = words.next();
        long rank = 1;
        long count = -1;
        long looked = 0;
        while (words.hasNext()) {
            switch (words.option()) {
                case "RANK" -> rank = rank(words);
                case "COUNT" -> count = words.atLeast(0, "COUNT can't be negative");
                case "MAXLEN" -> looked = words.atLeast(0, "MAXLEN can't be negative");
                default -> throw BadWords.syntax();
            }
        }
        return new Lpos(key, element, rank, count, looked);
    }

    private static long rank(Words words) {
        long rank = words.whole();
        if (rank == Long.MIN_VALUE) {
            throw BadWords.of(
                    "value is out of range, value must between %d and %d".formatted(-Long.MAX_VALUE, Long.MAX_VALUE));
        }
        if (rank == 0) {
            throw BadWords.of("RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use"
                    + " negative to start from the end of the list");
        }
        return rank;
    }

    /// A list that is not put yet, if there is none.
    static Entry orNew(Editor editor, @Nullable Entry list) {
        return list == null ? editor.create(Type.LIST, Layout.NOTHING) : list;
    }

    /// Puts a list, or removes it when nothing is left in it.
    static void put(Editor editor, byte[] key, Entry list) {
        if (list.size() == 0) {
            editor.remove(key);
        } else {
            editor.put(key, list);
        }
    }

    /// The element at a place where there is one, for an answer.
    static byte[] element(Entries entries, Entry list, long place) {
        byte[] element = entries.member(list, Places.member(place));
        if (element == null) {
            throw Invariant.broken("a list has no element at its place %d", place);
        }
        entries.taken(element.length);
        return element;
    }

    /// An index from the left, of one that may be negative and counts from the right then; -1 when there is none.
    private static long index(long given, long size) {
        long index = given < 0 ? given + size : given;
        return index < size ? Math.max(-1, index) : -1;
    }

    static Reply listing(List<byte[]> elements) {
        return new Reply.Listing(elements.stream().map(Reply::of).toList());
    }

    /// LPUSH, RPUSH, LPUSHX, RPUSHX.
    record Push(byte[] key, List<byte[]> elements, End end, boolean onlyOld) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.LIST);
            if (old == null && onlyOld) {
                return Reply.of(0);
            }
            Entry list = orNew(editor, old);
            for (byte[] element : elements) {
                list = Places.push(editor, list, element, end);
            }
            editor.put(key, list);
            return Reply.of(list.size());
        }
    }

    /// LPOP, RPOP.
    ///
    /// @param listed whether a count was named: the answer is a list then
    record Pop(byte[] key, End end, long count, boolean listed) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry list = editor.find(key, Type.LIST);
            if (list == null) {
                return listed ? Reply.NIL_LISTING : Reply.NIL;
            }
            List<byte[]> popped = popped(editor, key, list, end, count);
            return listed ? listing(popped) : Reply.of(popped.getFirst());
        }
    }

    /// Takes elements from an end of a list, the one at the end first, as many as there are.
    static List<byte[]> popped(Editor editor, byte[] key, Entry list, End end, long count) {
        long wanted = Math.min(count, list.size());
        if (wanted == 0) {
            return List.of();
        }
        if (wanted == 1) {
            byte[] element = element(editor, list, Places.at(list, end));
            put(editor, key, Places.pop(editor, list, end));
            return List.of(element);
        }
        List<byte[]> popped = new ArrayList<>();
        List<Long> places = new ArrayList<>();
        Places.Visitor visitor = (place, element) -> {
            editor.taken(element.length);
            places.add(place);
            popped.add(element);
            return popped.size() < wanted;
        };
        Places.each(editor, list, end, visitor);
        if (wanted == list.size()) {
            editor.remove(key);
        } else {
            editor.put(key, Places.remove(editor, list, places));
        }
        return popped;
    }

    /// LLEN.
    record Llen(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry list = entries.find(key, Type.LIST);
            return Reply.of(list == null ? 0 : list.size());
        }
    }

    /// LRANGE.
    record Lrange(byte[] key, long start, long end) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry list = entries.find(key, Type.LIST);
            Span span = list == null ? null : span(start, end, list.size());
            return list == null || span == null
                    ? Reply.EMPTY
                    : listing(Places.taken(entries, list, span.first(), span.length()));
        }
    }

    /// What Redis means by two places in a list; null when that is nothing.
    private static @Nullable Span span(long start, long end, long size) {
        long first = Math.max(0, start < 0 ? start + size : start);
        long last = Math.min(size - 1, end < 0 ? end + size : end);
        return first > last ? null : new Span(first, last);
    }

    /// LINDEX.
    record Lindex(byte[] key, long given) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry list = entries.find(key, Type.LIST);
            long index = list == null ? -1 : index(given, list.size());
            return list == null || index < 0
                    ? Reply.NIL
                    : Reply.of(element(entries, list, Places.of(entries, list, index)));
        }
    }

    /// LSET.
    record Lset(byte[] key, long given, byte[] element) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry list = editor.find(key, Type.LIST);
            if (list == null) {
                throw Refused.of("no such key");
            }
            long index = index(given, list.size());
            if (index < 0) {
                throw Refused.of("index out of range");
            }
            editor.putMember(list, Places.member(Places.of(editor, list, index)), element);
            editor.put(key, list);
            return Reply.OK;
        }
    }

    /// LINSERT.
    record Linsert(byte[] key, boolean before, byte[] pivot, byte[] element) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry list = editor.find(key, Type.LIST);
            if (list == null) {
                return Reply.of(0);
            }
            Pivot found = new Pivot();
            Places.up(editor, list, Places.first(list), (place, value) -> found.visit(place, value, pivot));
            Long at = found.at;
            if (at == null) {
                return Reply.of(-1);
            }
            Long left = before ? found.left : at;
            Long right = before ? at : found.right;
            Entry longer = left == null
                    ? Places.push(editor, list, element, End.LEFT)
                    : right == null
                            ? Places.push(editor, list, element, End.RIGHT)
                            : Places.insert(editor, list, left, right, element);
            editor.put(key, longer);
            return Reply.of(longer.size());
        }
    }

    /// Where a certain element is first met, and its neighbours.
    private static final class Pivot {
        private @Nullable Long left;
        private @Nullable Long at;
        private @Nullable Long right;

        boolean visit(long place, byte[] element, byte[] wanted) {
            if (at != null) {
                right = place;
            } else if (Arrays.equals(element, wanted)) {
                at = place;
            } else {
                left = place;
            }
            return right == null;
        }
    }

    /// LREM.
    ///
    /// @param count so many from the left, or for a negative number from the right; 0 for all
    record Lrem(byte[] key, long count, byte[] element) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry list = editor.find(key, Type.LIST);
            if (list == null) {
                return Reply.of(0);
            }
            List<Long> places = new ArrayList<>();
            long most = count == 0 ? Long.MAX_VALUE : count == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(count);
            Places.Visitor visitor = (place, value) -> {
                if (Arrays.equals(value, element)) {
                    // Their number alone counts: they are not answered.
                    editor.taken(0);
                    places.add(place);
                }
                return places.size() < most;
            };
            Places.each(editor, list, count < 0 ? End.RIGHT : End.LEFT, visitor);
            if (places.size() == list.size()) {
                editor.remove(key);
            } else if (!places.isEmpty()) {
                editor.put(key, Places.remove(editor, list, places));
            }
            return Reply.of(places.size());
        }
    }

    /// LTRIM.
    record Ltrim(byte[] key, long start, long end) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry list = editor.find(key, Type.LIST);
            if (list == null) {
                return Reply.OK;
            }
            Span span = span(start, end, list.size());
            if (span == null) {
                editor.remove(key);
            } else if (span.length() < list.size()) {
                editor.put(key, trimmed(editor, list, span));
            }
            return Reply.OK;
        }

        private static Entry trimmed(Editor editor, Entry list, Span kept) {
            List<byte[]> few =
                    kept.length() <= list.size() / 2 ? Places.few(editor, list, kept.first(), kept.length()) : null;
            if (few != null) {
                return Places.anew(editor, list, few);
            }
            List<Long> places = new ArrayList<>();
            collect(editor, list, End.LEFT, kept.first(), places);
            collect(editor, list, End.RIGHT, places.size() + list.size() - 1 - kept.last(), places);
            return Places.remove(editor, list, places);
        }

        private static void collect(Editor editor, Entry list, End end, long until, List<Long> places) {
            if (places.size() >= until) {
                return;
            }
            Places.each(editor, list, end, (place, element) -> {
                editor.taken(0);
                places.add(place);
                return places.size() < until;
            });
        }
    }

    /// LPOS.
    ///
    /// @param rank the first match that counts; negative from the right
    /// @param count how many matches to answer, 0 for all; -1 when none was named, and the answer is no list
    /// @param looked how many elements to look at; 0 for all
    record Lpos(byte[] key, byte[] element, long rank, long count, long looked) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry list = entries.find(key, Type.LIST);
            if (list == null) {
                return count < 0 ? Reply.NIL : Reply.EMPTY;
            }
            List<Reply> found = new ArrayList<>();
            long[] at = {0, 0};
            long most = count < 0 ? 1 : count == 0 ? Long.MAX_VALUE : count;
            Places.Visitor visitor = (place, value) -> {
                if (Arrays.equals(value, element) && ++at[1] >= Math.abs(rank)) {
                    entries.taken(Long.BYTES);
                    found.add(Reply.of(rank > 0 ? at[0] : list.size() - 1 - at[0]));
                }
                at[0]++;
                return found.size() < most && at[0] != looked;
            };
            Places.each(entries, list, rank > 0 ? End.LEFT : End.RIGHT, visitor);
            if (count < 0) {
                return found.isEmpty() ? Reply.NIL : found.getFirst();
            }
            return new Reply.Listing(found);
        }
    }
}
