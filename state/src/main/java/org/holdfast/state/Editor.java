package org.holdfast.state;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.env.Chance;
import org.jspecify.annotations.Nullable;

/// The entries while a batch is applied: everything that changes them goes through here, so that the index of
/// expiries, the slots, the versions and the number of keys always agree with them. One thread.
///
/// Whoever changes a member of a collection also puts the collection's entry: its version and its part in the digest
/// change with it.
final class Editor extends Entries {
    private final Overlay overlay;
    private final long block;
    private long nextGeneration;
    private long keys;

    Editor(Overlay overlay, Header header, long timeMillis, long block, Chance chance) {
        super(overlay, timeMillis, chance);
        this.overlay = overlay;
        this.block = block;
        this.nextGeneration = header.nextGeneration();
        this.keys = header.keys();
    }

    @Override
    long count() {
        return keys;
    }

    long nextGeneration() {
        return nextGeneration;
    }

    /// A collection without members that is not put yet.
    Entry create(Type type, byte[] body) {
        return new Entry(type, 0, 0, 0, 0, newGeneration(), 0, body);
    }

    /// A name for members that nothing else has.
    long newGeneration() {
        return nextGeneration++;
    }

    /// Sets a key. What it held before goes, unless the new entry is the same collection in a newer state.
    void put(byte[] key, Entry given) {
        boolean tooLong = !given.hasMembers() && given.body().length > Texts.INLINE_MAX;
        Entry entry = tooLong ? Texts.chunked(this, given) : given;
        byte[] at = Layout.entry(key);
        byte @Nullable [] stored = overlay.get(at);
        if (stored == null) {
            keys++;
            overlay.put(Layout.slot(Layout.slotFor(key), key), Layout.NOTHING);
        }
        Entry old = stored == null ? null : Entry.decode(stored);
        if (old != null && old.hasMembers() && old.generation() != entry.generation()) {
            overlay.dropGeneration(old.generation(), old.size());
        }
        long wasExpiry = old == null ? 0 : old.expiry();
        if (wasExpiry != entry.expiry()) {
            if (wasExpiry != 0) {
                overlay.delete(Layout.expiry(wasExpiry, key));
            }
            if (entry.expiry() != 0) {
                overlay.put(Layout.expiry(entry.expiry(), key), Layout.NOTHING);
            }
        }
        overlay.put(at, entry.stamped(nowMillis(), block).encode());
    }

    /// Removes a key with all it holds, in a time that does not depend on how much that is.
    ///
    /// @return whether it was there for a reader
    boolean remove(byte[] key) {
        Entry old = takeOut(key);
        if (old != null && old.hasMembers()) {
            overlay.dropGeneration(old.generation(), old.size());
        }
        return old != null && !old.isExpired(nowMillis());
    }

    /// Moves a key with all it holds, in a time that does not depend on how much that is. What the other name held
    /// goes.
    void rename(byte[] from, byte[] to) {
        remove(to);
        Entry moved = takeOut(from);
        if (moved != null) {
            put(to, moved);
        }
    }

    /// Gives another key what a collection holds, member by member.
    void copy(Entry source, byte[] to) {
        List<byte[][]> members = new ArrayList<>();
        byte[] first = Layout.member(source.generation(), new byte[] {Layout.SUM_PART + 1});
        store().up(first, Layout.members(source.generation() + 1), (at, value) -> {
            members.add(new byte[][] {Layout.memberOf(at), value});
            return true;
        });
        Entry copy = source.withGeneration(newGeneration());
        members.forEach(member -> putMember(copy, member[0], member[1]));
        put(to, copy);
    }

    /// Takes the entry away and leaves its members alone.
    private @Nullable Entry takeOut(byte[] key) {
        byte[] at = Layout.entry(key);
        byte @Nullable [] stored = overlay.get(at);
        if (stored == null) {
            return null;
        }
        Entry old = Entry.decode(stored);
        keys--;
        overlay.delete(at);
        overlay.delete(Layout.slot(Layout.slotFor(key), key));
        if (old.expiry() != 0) {
            overlay.delete(Layout.expiry(old.expiry(), key));
        }
        return old;
    }

    /// Sets a member; see [Entries#member] for its first byte. The owner's entry is put by the caller.
    void putMember(Entry owner, byte[] member, byte[] value) {
        overlay.put(Layout.member(owner.generation(), member), value);
    }

    /// Removes a member. The owner's entry is put by the caller.
    void removeMember(Entry owner, byte[] member) {
        overlay.delete(Layout.member(owner.generation(), member));
    }

    /// Removes everything.
    void clear() {
        overlay.clear();
        keys = 0;
    }

    /// Removes keys that expired by now, the earliest first.
    ///
    /// @return how many
    int removeExpired(int max) {
        int removed = 0;
        for (byte[] key : expired(max)) {
            remove(key);
            removed++;
        }
        return removed;
    }
}
