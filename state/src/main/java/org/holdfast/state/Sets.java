package org.holdfast.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Sets. Members lie in the order of their slots ([Slotted]), with nothing under them.
final class Sets {
    /// The set once held something else than a few integers.
    static final int MIXED = 1;

    private static final int WHOLE_MEMBERS_MAX = 512;
    private static final int DRAWS_MAX = 1_000_000;

    private Sets() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("sadd", words -> new Sadd(words.next(), members(words)));
        all.put("srem", words -> new Srem(words.next(), List.copyOf(words.rest())));
        all.put("scard", words -> new Scard(words.next()));
        all.put("sismember", words -> new Sismember(words.next(), words.next()));
        all.put("smismember", words -> new Smismember(words.next(), List.copyOf(words.rest())));
        all.put("smembers", words -> new Combined(Combining.UNION, List.of(words.next())));
        all.put("smove", words -> new Smove(words.next(), words.next(), words.name("member")));
        all.put("spop", Sets::spop);
        all.put("srandmember", Sets::srandmember);
        all.put("sscan", words -> new Sscan(words.next(), Scans.cursor(words.next()), Scans.Filter.of(words, false)));
        all.put("sinter", words -> new Combined(Combining.INTERSECTION, List.copyOf(words.rest())));
        all.put("sunion", words -> new Combined(Combining.UNION, List.copyOf(words.rest())));
        all.put("sdiff", words -> new Combined(Combining.DIFFERENCE, List.copyOf(words.rest())));
        all.put("sinterstore", words -> new CombinedInto(words.next(), combined(Combining.INTERSECTION, words)));
        all.put("sunionstore", words -> new CombinedInto(words.next(), combined(Combining.UNION, words)));
        all.put("sdiffstore", words -> new CombinedInto(words.next(), combined(Combining.DIFFERENCE, words)));
        all.put("sintercard", Sets::sintercard);
    }

    private static Combined combined(Combining combining, Words words) {
        return new Combined(combining, List.copyOf(words.rest()));
    }

    private static List<byte[]> members(Words words) {
        List<byte[]> members = new ArrayList<>();
        while (words.hasNext()) {
            members.add(words.name("member"));
        }
        return List.copyOf(members);
    }

    private static Operation spop(Words words) {
        byte[] key = words.next();
        if (words.left() > 1) {
            throw BadWords.syntax();
        }
        long count = words.hasNext() ? words.atLeast(0, "value is out of range, must be positive") : 1;
        return new Spop(key, count, words.size() > 2);
    }

    private static Operation srandmember(Words words) {
        byte[] key = words.next();
        if (words.left() > 1) {
            throw BadWords.syntax();
        }
        long count = words.hasNext() ? words.whole() : 1;
        if (count < -DRAWS_MAX) {
            throw BadWords.of("value is out of range");
        }
        return new Srandmember(key, count, words.size() > 2);
    }

    private static Operation sintercard(Words words) {
        String few = "numkeys should be greater than 0";
        List<byte[]> keys = words.keys(few, few, "Number of keys can't be greater than number of args");
        long limit = 0;
        while (words.hasNext()) {
            if (!words.option().equals("LIMIT") || !words.hasNext()) {
                throw BadWords.syntax();
            }
            limit = words.atLeast(0, "LIMIT can't be negative");
        }
        return new Sintercard(new Combined(Combining.INTERSECTION, keys), limit);
    }

    /// Adds to a set that is put afterwards.
    ///
    /// @return the set with its new size
    private static Entry add(Editor editor, Entry set, byte[] name) {
        byte[] member = Slotted.member(name);
        if (editor.member(set, member) != null) {
            return set;
        }
        editor.putMember(set, member, Layout.NOTHING);
        long size = set.size() + 1;
        boolean mixed = size > WHOLE_MEMBERS_MAX || Numbers.whole(name).isEmpty();
        return set.withSize(size).withForm(mixed ? MIXED : set.form());
    }

    private static Entry orNew(Editor editor, @Nullable Entry set) {
        return set == null ? editor.create(Type.SET, Layout.NOTHING) : set;
    }

    /// Removes from a set and puts it, or removes it with its last member.
    ///
    /// @return how many were in it
    private static long remove(Editor editor, byte[] key, Entry set, List<byte[]> names) {
        long removed = 0;
        for (byte[] name : names) {
            byte[] member = Slotted.member(name);
            if (editor.member(set, member) != null) {
                editor.removeMember(set, member);
                removed++;
            }
        }
        if (removed == set.size()) {
            editor.remove(key);
        } else if (removed > 0) {
            editor.put(key, set.withSize(set.size() - removed));
        }
        return removed;
    }

    private static boolean has(Entries entries, @Nullable Entry set, byte[] name) {
        return Slotted.get(entries, set, name) != null;
    }

    private static List<Reply> names(List<Slotted.Item> items) {
        return items.stream().map(item -> Reply.of(item.name())).toList();
    }

    /// SADD.
    record Sadd(byte[] key, List<byte[]> members) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry before = orNew(editor, editor.find(key, Type.SET));
            Entry set = before;
            for (byte[] member : members) {
                set = add(editor, set, member);
            }
            long added = set.size() - before.size();
            if (added > 0) {
                editor.put(key, set);
            }
            return Reply.of(added);
        }
    }

    /// SREM.
    record Srem(byte[] key, List<byte[]> members) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry set = editor.find(key, Type.SET);
            return Reply.of(set == null ? 0 : remove(editor, key, set, members));
        }
    }

    /// SCARD.
    record Scard(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry set = entries.find(key, Type.SET);
            return Reply.of(set == null ? 0 : set.size());
        }
    }

    /// SISMEMBER.
    record Sismember(byte[] key, byte[] member) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return Reply.flag(has(entries, entries.find(key, Type.SET), member));
        }
    }

    /// SMISMEMBER.
    record Smismember(byte[] key, List<byte[]> members) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry set = entries.find(key, Type.SET);
            return new Reply.Listing(members.stream()
                    .map(member -> Reply.flag(has(entries, set, member)))
                    .toList());
        }
    }

    /// SMOVE.
    record Smove(byte[] from, byte[] to, byte[] member) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry source = editor.find(from, Type.SET);
            if (source == null) {
                return Reply.flag(false);
            }
            Entry target = editor.find(to, Type.SET);
            boolean there = has(editor, source, member);
            if (there && !Arrays.equals(from, to)) {
                remove(editor, from, source, List.of(member));
                // A set that has it already has not changed: who watches it is not disturbed.
                if (target == null || !has(editor, target, member)) {
                    editor.put(to, add(editor, orNew(editor, target), member));
                }
            }
            return Reply.flag(there);
        }
    }

    /// SPOP: what is drawn follows from the record's seed.
    record Spop(byte[] key, long count, boolean listed) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry set = editor.find(key, Type.SET);
            if (set == null) {
                return listed ? new Reply.Distinct(List.of()) : Reply.NIL;
            }
            List<Slotted.Item> drawn = Slotted.randomDistinct(editor, set, count);
            remove(editor, key, set, drawn.stream().map(Slotted.Item::name).toList());
            return listed ? new Reply.Distinct(names(drawn)) : names(drawn).getFirst();
        }
    }

    /// SRANDMEMBER.
    ///
    /// @param count so many different members, or for a negative number so many draws
    record Srandmember(byte[] key, long count, boolean listed) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry set = entries.find(key, Type.SET);
            if (set == null) {
                return listed ? Reply.EMPTY : Reply.NIL;
            }
            List<Slotted.Item> drawn = count >= 0
                    ? Slotted.randomDistinct(entries, set, count)
                    : Slotted.draws(entries, set, (int) -count);
            return listed ? new Reply.Listing(names(drawn)) : names(drawn).getFirst();
        }
    }

    /// SSCAN.
    record Sscan(byte[] key, long cursor, Scans.Filter filter) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Slotted.Page page = Slotted.page(entries, entries.find(key, Type.SET), cursor, filter.count());
            List<Slotted.Item> found = page.items().stream()
                    .filter(item -> filter.matches(item.name()))
                    .toList();
            return new Reply.Listing(List.of(Reply.bulk(Long.toString(page.next())), new Reply.Listing(names(found))));
        }
    }

    /// How sets are combined.
    enum Combining {
        INTERSECTION,
        UNION,
        DIFFERENCE
    }

    /// SINTER, SUNION, SDIFF, and SMEMBERS as the union of one.
    record Combined(Combining combining, List<byte[]> keys) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return new Reply.Distinct(
                    members(entries).stream().map(name -> Reply.of(name)).toList());
        }

        /// All types are looked at before anything else: a wrong one counts even where a set is empty.
        Set<byte[]> members(Entries entries) {
            List<@Nullable Entry> sets = new ArrayList<>();
            for (byte[] key : keys) {
                sets.add(entries.find(key, Type.SET));
            }
            if (combining == Combining.INTERSECTION) {
                // What all have is in the smallest one.
                sets.sort(Comparator.comparingLong(set -> set == null ? 0 : set.size()));
            }
            Set<byte[]> members = new TreeSet<>(Arrays::compareUnsigned);
            boolean empty = combining == Combining.INTERSECTION && sets.contains(null);
            for (int i = 0; i < sets.size() && !empty; i++) {
                Entry set = sets.get(i);
                if (i == 0 || combining == Combining.UNION) {
                    Slotted.all(entries, set).forEach(item -> members.add(item.name()));
                } else {
                    boolean wanted = combining == Combining.INTERSECTION;
                    members.removeIf(name -> has(entries, set, name) != wanted);
                }
            }
            return members;
        }
    }

    /// SINTERSTORE, SUNIONSTORE, SDIFFSTORE.
    record CombinedInto(byte[] target, Combined combined) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Set<byte[]> members = combined.members(editor);
            editor.remove(target);
            if (!members.isEmpty()) {
                Entry set = orNew(editor, null);
                for (byte[] member : members) {
                    set = add(editor, set, member);
                }
                editor.put(target, set);
            }
            return Reply.of(members.size());
        }
    }

    /// SINTERCARD.
    ///
    /// @param limit where counting ends; 0 for nowhere
    record Sintercard(Combined combined, long limit) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            long count = combined.members(entries).size();
            return Reply.of(limit == 0 ? count : Math.min(limit, count));
        }
    }
}
