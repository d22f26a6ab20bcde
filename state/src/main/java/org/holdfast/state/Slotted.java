package org.holdfast.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.env.Invariant;
import org.jspecify.annotations.Nullable;

/// Members in the order of their slots, for collections without an order of their own: the fields of a hash, the
/// members of a set. A member is named `part, slot, name`; what lies under it is its value. As with keys, a slot is
/// 48 bits of the name's SHA-256, so a scan's cursor is a slot, and a random slot leads to a random member.
final class Slotted {
    /// Up to this size a random member is drawn evenly; of larger collections the one behind a random slot is taken,
    /// which favours those behind wide gaps.
    static final int EVEN_DRAW_MAX = 1_024;

    private static final byte PART = 1;
    private static final int HEAD_BYTES = 1 + Layout.SLOT_BYTES;

    private Slotted() {}

    /// A member with its value.
    record Item(byte[] name, byte[] value) {}

    /// A part of a scan.
    ///
    /// @param next the cursor to go on with; 0 at the end
    record Page(long next, List<Item> items) {}

    static byte[] member(byte[] name) {
        return at(Layout.slotFor(name), name);
    }

    private static byte[] at(long slot, byte[] name) {
        return ByteBuffer.allocate(HEAD_BYTES + name.length)
                .put(PART)
                .putShort((short) (slot >>> Integer.SIZE))
                .putInt((int) slot)
                .put(name)
                .array();
    }

    private static Item item(byte[] member, byte[] value) {
        return new Item(Arrays.copyOfRange(member, HEAD_BYTES, member.length), value);
    }

    /// The value of a member; null when there is none.
    static byte @Nullable [] get(Entries entries, @Nullable Entry owner, byte[] name) {
        return owner == null ? null : entries.member(owner, member(name));
    }

    /// All members.
    static List<Item> all(Entries entries, @Nullable Entry owner) {
        return owner == null ? List.of() : from(entries, owner, 0, Integer.MAX_VALUE);
    }

    /// Members from a slot on, so many, and those that share the last one's slot.
    private static List<Item> from(Entries entries, Entry owner, long slot, int atLeast) {
        List<Item> found = new ArrayList<>();
        byte[][] last = {Layout.NOTHING};
        entries.members(owner, at(slot, Layout.NOTHING), new byte[] {PART + 1}, (member, value) -> {
            boolean wanted = found.size() < atLeast || Arrays.equals(last[0], 0, HEAD_BYTES, member, 0, HEAD_BYTES);
            if (wanted) {
                entries.taken(member.length + value.length);
                found.add(item(member, value));
                last[0] = member;
            }
            return wanted;
        });
        return found;
    }

    /// Some members from a cursor on: none is left out, and none comes twice, as long as it stays.
    static Page page(Entries entries, @Nullable Entry owner, long cursor, int count) {
        if (owner == null || cursor > Layout.SLOT_MAX) {
            return new Page(0, List.of());
        }
        List<Item> found = from(entries, owner, Math.max(1, cursor), count);
        if (found.isEmpty()) {
            return new Page(0, found);
        }
        long behind = Layout.slotFor(found.getLast().name()) + 1;
        boolean more =
                behind <= Layout.SLOT_MAX && !from(entries, owner, behind, 1).isEmpty();
        return new Page(more ? behind : 0, found);
    }

    /// A random member.
    static Item random(Entries entries, Entry owner) {
        if (owner.size() <= EVEN_DRAW_MAX) {
            return numbered(entries, owner, below(entries, (int) owner.size()));
        }
        List<Item> found = from(entries, owner, entries.chance().nextLong() & Layout.SLOT_MAX, 1);
        return found.isEmpty() ? from(entries, owner, 0, 1).getFirst() : found.getFirst();
    }

    /// A member by its number; those before it are not kept, so they are not taken.
    private static Item numbered(Entries entries, Entry owner, int number) {
        int[] left = {number};
        Item[] found = {null};
        entries.members(owner, at(0, Layout.NOTHING), new byte[] {PART + 1}, (member, value) -> {
            if (left[0]-- > 0) {
                return true;
            }
            entries.taken(member.length + value.length);
            found[0] = item(member, value);
            return false;
        });
        Item item = found[0];
        if (item == null) {
            throw Invariant.broken("a collection of %d has no member %d", owner.size(), number);
        }
        return item;
    }

    /// Random members, none twice: so many, or all.
    static List<Item> randomDistinct(Entries entries, Entry owner, long count) {
        if (count >= owner.size()) {
            return all(entries, owner);
        }
        if (count == 1) {
            return List.of(random(entries, owner));
        }
        // Drawing one by one is quick while most are still to be drawn; otherwise drawing from all of them is.
        if (owner.size() > EVEN_DRAW_MAX && count <= owner.size() / 4) {
            List<Item> drawn = new ArrayList<>();
            Set<ByteBuffer> names = new HashSet<>();
            while (drawn.size() < count) {
                Item item = random(entries, owner);
                if (names.add(ByteBuffer.wrap(item.name()))) {
                    drawn.add(item);
                }
            }
            return drawn;
        }
        List<Item> all = new ArrayList<>(all(entries, owner));
        for (int i = 0; i < count; i++) {
            Collections.swap(all, i, i + below(entries, all.size() - i));
        }
        return List.copyOf(all.subList(0, (int) count));
    }

    /// So many draws, each from all members.
    static List<Item> draws(Entries entries, Entry owner, int count) {
        List<Item> drawn = new ArrayList<>();
        List<Item> all = owner.size() <= EVEN_DRAW_MAX ? all(entries, owner) : List.of();
        for (int i = 0; i < count; i++) {
            Item item = all.isEmpty() ? random(entries, owner) : all.get(below(entries, all.size()));
            entries.taken(item.name().length + item.value().length);
            drawn.add(item);
        }
        return drawn;
    }

    /// An even draw from 0 to bound - 1; how far it is from even is one part in 2^32.
    private static int below(Entries entries, int bound) {
        return (int) Long.remainderUnsigned(entries.chance().nextLong(), bound);
    }
}
