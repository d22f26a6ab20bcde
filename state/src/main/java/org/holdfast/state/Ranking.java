package org.holdfast.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.env.Invariant;
import org.jspecify.annotations.Nullable;

/// The order of a sorted set with counts over it, so that neither a rank nor the member of a rank is looked for
/// one by one: a B+ tree whose nodes are only counts.
///
/// Places lie in part [#PART], in their order, with nothing under them. Once there are more than [#CHILDREN_MAX],
/// a level of fences lies over them in the next part: a fence stands at a place (or at the very beginning), and
/// says how many places and how many children there are from there to the next fence of its level. A fence with
/// too many children is parted in two; the one fence of the top level, at the beginning, gets a level above it
/// then. So a rank costs at most [#CHILDREN_MAX] records of each level, and there are three levels from some 10^4
/// members to 10^6; a change costs one fence of each.
///
/// Invariant: where a fence stands, one of the level below stands too. So a fence at which nothing is left goes,
/// unless it is the first child of one that stays.
///
/// The number of levels is the first byte of the owner's body; none for small sets.
final class Ranking {
    /// Places begin with this byte, fences of level n with n more.
    static final int PART = Layout.DERIVED_PART;

    /// Most children of a fence.
    static final int CHILDREN_MAX = 128;

    private static final byte[] BEGINNING = {};

    private Ranking() {}

    /// A fence; `from` is [#BEGINNING] or a place.
    private record Fence(byte[] from, long places, int children) {
        static Fence of(byte[] member, byte[] value) {
            ByteBuffer counts = ByteBuffer.wrap(value);
            return new Fence(placeOf(member), counts.getLong(), counts.getInt());
        }

        byte[] encode() {
            return ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                    .putLong(places)
                    .putInt(children)
                    .array();
        }

        Fence with(long morePlaces, int moreChildren) {
            return new Fence(from, places + morePlaces, children + moreChildren);
        }
    }

    /// A place as a member of its owner.
    static byte[] at(byte[] place) {
        return at(0, place);
    }

    private static byte[] at(int level, byte[] place) {
        byte[] member = new byte[1 + place.length];
        member[0] = (byte) (PART + level);
        System.arraycopy(place, 0, member, 1, place.length);
        return member;
    }

    private static byte[] end(int level) {
        return new byte[] {(byte) (PART + level + 1)};
    }

    static byte[] placeOf(byte[] member) {
        return Arrays.copyOfRange(member, 1, member.length);
    }

    /// The smallest place behind one.
    static byte[] behind(byte[] place) {
        return Arrays.copyOf(place, place.length + 1);
    }

    private static int height(Entry set) {
        return set.body().length == 0 ? 0 : set.body()[0];
    }

    /// Adds a place that is not there.
    ///
    /// @param set its size counts the new place
    /// @return the set to be put
    static Entry add(Editor editor, Entry set, byte[] place) {
        editor.putMember(set, at(place), Layout.NOTHING);
        int height = height(set);
        List<Fence> path = new ArrayList<>();
        if (height == 0) {
            if (set.size() <= CHILDREN_MAX) {
                return set;
            }
            path.add(new Fence(BEGINNING, set.size(), (int) set.size()));
        } else {
            for (int level = 1; level <= height; level++) {
                path.add(fence(editor, set, level, place).with(1, level == 1 ? 1 : 0));
            }
        }
        for (int level = 1; level <= path.size(); level++) {
            Fence fence = path.get(level - 1);
            if (fence.children() > CHILDREN_MAX) {
                if (level == path.size()) {
                    path.add(new Fence(BEGINNING, fence.places(), 1));
                }
                path.set(level, path.get(level).with(0, 1));
                fence = part(editor, set, level, fence);
            }
            put(editor, set, level, fence);
        }
        return path.size() == height ? set : set.withBody(new byte[] {(byte) path.size()});
    }

    /// Parts a fence; the second half is put.
    ///
    /// @return the first half
    private static Fence part(Editor editor, Entry set, int level, Fence fence) {
        int half = fence.children() / 2;
        int[] seen = {0};
        long[] places = {0};
        byte[][] middle = {BEGINNING};
        editor.members(set, at(level - 1, fence.from()), end(level - 1), (member, value) -> {
            if (seen[0]++ == half) {
                middle[0] = placeOf(member);
                return false;
            }
            places[0] += level == 1 ? 1 : Fence.of(member, value).places();
            return true;
        });
        put(editor, set, level, new Fence(middle[0], fence.places() - places[0], fence.children() - half));
        return new Fence(fence.from(), places[0], half);
    }

    /// Takes a place away that is there.
    static void remove(Editor editor, Entry set, byte[] place) {
        editor.removeMember(set, at(place));
        int height = height(set);
        List<@Nullable Fence> path = new ArrayList<>();
        for (int level = 1; level <= height; level++) {
            path.add(fence(editor, set, level, place).with(-1, level == 1 ? -1 : 0));
        }
        for (int level = 1; level < height; level++) {
            Fence fence = path.get(level - 1);
            Fence parent = path.get(level);
            if (fence != null && parent != null && fence.places() == 0 && !Arrays.equals(fence.from(), parent.from())) {
                // With it goes the chain of first children below it.
                for (int below = 1; below <= level; below++) {
                    editor.removeMember(set, at(below, fence.from()));
                    Fence onPath = path.get(below - 1);
                    if (onPath != null && Arrays.equals(onPath.from(), fence.from())) {
                        path.set(below - 1, null);
                    }
                }
                path.set(level, parent.with(0, -1));
            }
        }
        for (int level = 1; level <= height; level++) {
            Fence fence = path.get(level - 1);
            if (fence != null) {
                put(editor, set, level, fence);
            }
        }
    }

    private static void put(Editor editor, Entry set, int level, Fence fence) {
        editor.putMember(set, at(level, fence.from()), fence.encode());
    }

    /// The fence of a level before which a place does not lie.
    private static Fence fence(Entries entries, Entry set, int level, byte[] place) {
        Fence[] found = {null};
        entries.membersDown(set, at(level, BEGINNING), at(level, behind(place)), (member, value) -> {
            found[0] = Fence.of(member, value);
            return false;
        });
        Fence fence = found[0];
        if (fence == null) {
            throw Invariant.broken("a sorted set has no fence of level %d", level);
        }
        return fence;
    }

    /// How many places lie before one, which need not be there.
    static long rank(Entries entries, Entry set, byte[] place) {
        long[] rank = {0};
        Fence[] last = {new Fence(BEGINNING, 0, 0)};
        for (int level = height(set) - 1; level > 0; level--) {
            byte[] from = last[0].from();
            last[0] = new Fence(from, 0, 0);
            entries.members(set, at(level, from), at(level, behind(place)), (member, value) -> {
                rank[0] += last[0].places();
                last[0] = Fence.of(member, value);
                return true;
            });
        }
        entries.members(set, at(last[0].from()), at(place), (member, value) -> {
            rank[0]++;
            return true;
        });
        return rank[0];
    }

    /// The place of a rank.
    ///
    /// @param rank from 0 to the set's size - 1
    static byte[] place(Entries entries, Entry set, long rank) {
        long[] left = {rank};
        byte[][] from = {BEGINNING};
        for (int level = height(set) - 1; level > 0; level--) {
            entries.members(set, at(level, from[0]), end(level), (member, value) -> {
                Fence fence = Fence.of(member, value);
                from[0] = fence.from();
                boolean on = left[0] >= fence.places();
                left[0] -= on ? fence.places() : 0;
                return on;
            });
        }
        byte[][] found = {null};
        entries.members(set, at(from[0]), end(0), (member, value) -> {
            found[0] = member;
            return left[0]-- > 0;
        });
        Invariant.check(found[0] != null && left[0] < 0, "a sorted set of %d has no rank %d", set.size(), rank);
        return placeOf(found[0]);
    }
}
