package org.holdfast.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The members of a sorted set. A member lies in the order of its slot ([Slotted]) with its score under it, eight bytes
/// as IEEE 754 has them; and once more in the order of scores ([Ranking]), named by [#place]. Members of one score are
/// in the order of their bytes. -0 is stored as 0.
final class Scores {
    /// The set was once larger than what Redis keeps in a compact form.
    static final int LARGE = 1;

    /// Members that are stepped over one by one rather than by ranks.
    private static final int STEPS_MAX = 256;

    private static final int COMPACT_MEMBERS_MAX = 128;
    private static final int COMPACT_BYTES_MAX = 64;

    private Scores() {}

    /// A member with its score.
    record Scored(byte[] name, double score) {
        static final java.util.Comparator<Scored> ORDER = (a, b) -> {
            int byScore = Double.compare(a.score + 0.0, b.score + 0.0);
            return byScore != 0 ? byScore : Arrays.compareUnsigned(a.name, b.name);
        };
    }

    /// Places from one (with it) to another (without it).
    record Stretch(byte[] from, byte[] to) {
        static final Stretch ALL = new Stretch(Layout.NOTHING, bound(Double.POSITIVE_INFINITY, true));

        boolean isEmpty() {
            return Arrays.compareUnsigned(from, to) >= 0;
        }
    }

    /// Numbers whose order as unsigned ones is that of the doubles; 0 and -0 are one.
    private static long ordered(double score) {
        long bits = Double.doubleToRawLongBits(score + 0.0);
        return bits < 0 ? ~bits : bits | Long.MIN_VALUE;
    }

    private static double score(long ordered) {
        return Double.longBitsToDouble(ordered < 0 ? ordered & Long.MAX_VALUE : ~ordered);
    }

    /// Where all members of a score begin, or what lies behind them.
    static byte[] bound(double score, boolean behind) {
        return ByteBuffer.allocate(Long.BYTES)
                .putLong(ordered(score) + (behind ? 1 : 0))
                .array();
    }

    /// Where a member lies in the order.
    static byte[] place(double score, byte[] name) {
        return ByteBuffer.allocate(Long.BYTES + name.length)
                .putLong(ordered(score))
                .put(name)
                .array();
    }

    private static Scored at(byte[] place) {
        return new Scored(
                Arrays.copyOfRange(place, Long.BYTES, place.length),
                score(ByteBuffer.wrap(place).getLong()));
    }

    static double decode(byte[] stored) {
        return ByteBuffer.wrap(stored).getDouble();
    }

    static @Nullable Entry find(Entries entries, byte[] key) {
        return entries.find(key, Type.ZSET);
    }

    static Entry orNew(Editor editor, @Nullable Entry set) {
        return set == null ? editor.create(Type.ZSET, Layout.NOTHING) : set;
    }

    /// A member's score; null when there is none.
    static @Nullable Double of(Entries entries, @Nullable Entry set, byte[] name) {
        byte[] stored = Slotted.get(entries, set, name);
        return stored == null ? null : decode(stored);
    }

    /// Gives a member a score in a set that is put afterwards.
    ///
    /// @param old its score so far, null for none
    /// @return the set with its new size
    static Entry put(Editor editor, Entry set, byte[] name, @Nullable Double old, double score) {
        double kept = score + 0.0;
        Entry changed = set;
        if (old == null) {
            long size = set.size() + 1;
            boolean large = size > COMPACT_MEMBERS_MAX || name.length > COMPACT_BYTES_MAX;
            changed = set.withSize(size).withForm(large ? LARGE : set.form());
        } else {
            Ranking.remove(editor, set, place(old, name));
        }
        byte[] stored = ByteBuffer.allocate(Double.BYTES).putDouble(kept).array();
        editor.putMember(set, Slotted.member(name), stored);
        return Ranking.add(editor, changed, place(kept, name));
    }

    /// Removes members, and the key with its last one.
    static void remove(Editor editor, byte[] key, Entry set, List<Scored> members) {
        if (members.size() == set.size()) {
            editor.remove(key);
        } else if (!members.isEmpty()) {
            for (Scored member : members) {
                editor.removeMember(set, Slotted.member(member.name()));
                Ranking.remove(editor, set, place(member.score(), member.name()));
            }
            editor.put(key, set.withSize(set.size() - members.size()));
        }
    }

    /// Makes a key hold these and nothing else; with none of them it goes.
    static void replace(Editor editor, byte[] key, List<Scored> members) {
        editor.remove(key);
        if (!members.isEmpty()) {
            Entry set = orNew(editor, null);
            for (Scored member : members) {
                set = put(editor, set, member.name(), null, member.score());
            }
            editor.put(key, set);
        }
    }

    /// How many places of a stretch are taken.
    static long count(Entries entries, Entry set, Stretch stretch) {
        if (stretch.isEmpty()) {
            return 0;
        }
        boolean toTheEnd = Arrays.compareUnsigned(stretch.to(), Stretch.ALL.to()) >= 0;
        long behind = toTheEnd ? set.size() : Ranking.rank(entries, set, stretch.to());
        return behind - Ranking.rank(entries, set, stretch.from());
    }

    /// What of a stretch is wanted, and in which direction.
    ///
    /// @param skip this many first; a negative number skips all
    /// @param most so many at most; negative for all
    record Slice(boolean backwards, long skip, long most) {
        static final Slice WHOLE = new Slice(false, 0, -1);
    }

    /// Members of a stretch, from its beginning or backwards from its end.
    static List<Scored> list(Entries entries, Entry set, Stretch stretch, Slice slice) {
        boolean backwards = slice.backwards();
        long skip = slice.skip();
        long most = slice.most();
        if (stretch.isEmpty() || skip < 0 || skip >= set.size() || most == 0) {
            return List.of();
        }
        Stretch left = skip > STEPS_MAX ? shortened(entries, set, stretch, backwards, skip) : stretch;
        long[] steps = {skip > STEPS_MAX ? 0 : skip};
        List<Scored> found = new ArrayList<>();
        walk(entries, set, left, backwards, member -> {
            if (steps[0]-- <= 0) {
                entries.taken(member.name().length + Double.BYTES);
                found.add(member);
            }
            return most < 0 || found.size() < most;
        });
        return found;
    }

    /// The rest of a stretch behind some places, found by their ranks.
    private static Stretch shortened(Entries entries, Entry set, Stretch stretch, boolean backwards, long skip) {
        if (backwards) {
            long last = Ranking.rank(entries, set, stretch.to()) - 1 - skip;
            byte[] to = last < 0 ? stretch.from() : Ranking.behind(Ranking.place(entries, set, last));
            return new Stretch(stretch.from(), to);
        }
        long first = Ranking.rank(entries, set, stretch.from()) + skip;
        byte[] from = first >= set.size() ? stretch.to() : Ranking.place(entries, set, first);
        return new Stretch(from, stretch.to());
    }

    /// Members by rank.
    ///
    /// @param first rank, counted from the end when backwards
    /// @param last rank, with it
    static List<Scored> ranks(Entries entries, Entry set, long first, long last, boolean backwards) {
        return list(entries, set, Stretch.ALL, new Slice(backwards, first, last - first + 1));
    }

    /// All members in order.
    static List<Scored> all(Entries entries, @Nullable Entry set) {
        return set == null ? List.of() : list(entries, set, Stretch.ALL, Slice.WHOLE);
    }

    /// Looks at members in order, until told to stop.
    static void walk(Entries entries, Entry set, Stretch stretch, boolean backwards, Predicate<Scored> visitor) {
        byte[] from = Ranking.at(stretch.from());
        byte[] to = Ranking.at(stretch.to());
        Store.Visitor each = (member, nothing) -> visitor.test(at(Ranking.placeOf(member)));
        if (stretch.isEmpty()) {
            return;
        }
        if (backwards) {
            entries.membersDown(set, from, to, each);
        } else {
            entries.members(set, from, to, each);
        }
    }

    /// How many lie before a member.
    static long rank(Entries entries, Entry set, Scored member, boolean backwards) {
        long before = Ranking.rank(entries, set, place(member.score(), member.name()));
        return backwards ? set.size() - 1 - before : before;
    }
}
