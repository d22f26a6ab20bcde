package org.holdfast.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.env.Chance;
import org.jspecify.annotations.Nullable;

/// The keys of a shard at one moment. What has expired is not there. One thread.
class Entries {
    /// What a command on a key of another type answers.
    static final Reply WRONG_TYPE =
            new Reply.Failure("WRONGTYPE", "Operation against a key holding the wrong kind of value");

    private final Store store;
    private final long nowMillis;
    private final Chance chance;
    private final Allowance allowance;

    /// @param nowMillis of a read the asking node's time, of what is applied the record's time
    /// @param chance of a read the world's, of what is applied made from the record's seed
    Entries(Store store, long nowMillis, Chance chance) {
        this(store, nowMillis, chance, new Allowance());
    }

    private Entries(Store store, long nowMillis, Chance chance, Allowance allowance) {
        this.store = store;
        this.nowMillis = nowMillis;
        this.chance = chance;
        this.allowance = allowance;
    }

    /// The same with what has expired and is not removed yet.
    final Entries withExpired() {
        return new Entries(store, Long.MIN_VALUE, chance, allowance);
    }

    /// A command found a key of another type. Operations let it pass; whoever runs them answers [#WRONG_TYPE].
    static final class WrongType extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongType() {
            super("wrong type", null, false, false);
        }
    }

    /// Counts an element, or another value, that a command takes for its answer; to be called before it is kept.
    ///
    /// @throws Allowance.Exceeded when that is too much for one command or transaction
    final void taken(long bytes) {
        allowance.take(bytes);
    }

    /// The next command or transaction begins.
    final void begin() {
        allowance.renew();
    }

    /// The moment at which entries are looked at.
    final long nowMillis() {
        return nowMillis;
    }

    final Chance chance() {
        return chance;
    }

    /// A key's entry, of whatever type; null when there is none.
    final @Nullable Entry find(byte[] key) {
        byte[] stored = store.get(Layout.entry(key));
        if (stored == null) {
            return null;
        }
        Entry entry = Entry.decode(stored);
        return entry.isExpired(nowMillis) ? null : entry;
    }

    /// A key's entry; null when there is none.
    ///
    /// @throws WrongType when it is of another type; nothing may have been changed before that
    final @Nullable Entry find(byte[] key, Type type) {
        Entry entry = find(key);
        if (entry != null && entry.type() != type) {
            throw new WrongType();
        }
        return entry;
    }

    /// How many keys there are; what expired counts until it is removed.
    long count() {
        byte[] stored = store.get(Layout.header());
        try {
            return stored == null ? 0 : Header.decode(stored).keys();
        } catch (StateUnusable e) {
            throw new IllegalStateException(e);
        }
    }

    /// A member's value; null when there is none. Derived parts are not asked for one by one.
    ///
    /// @param member its part (1 to 127 are in the digest, from [Layout#DERIVED_PART] on they are not), then its name
    final byte @Nullable [] member(Entry owner, byte[] member) {
        return store.get(Layout.member(owner.generation(), member));
    }

    /// Visits members in order of their bytes, from one (with it) to another (without it). The visitor does not ask or
    /// change the entries: collect first, then act.
    final void members(Entry owner, byte[] from, byte[] to, Store.Visitor visitor) {
        store.up(
                Layout.member(owner.generation(), from),
                Layout.member(owner.generation(), to),
                (key, value) -> visitor.visit(Layout.memberOf(key), value));
    }

    /// The same range downwards.
    final void membersDown(Entry owner, byte[] from, byte[] to, Store.Visitor visitor) {
        store.down(
                Layout.member(owner.generation(), from),
                Layout.member(owner.generation(), to),
                (key, value) -> visitor.visit(Layout.memberOf(key), value));
    }

    /// Visits entries in order of their keys, from a key on. What expired is left out.
    final void each(byte[] fromKey, EntryVisitor visitor) {
        store.up(Layout.entry(fromKey), new byte[] {Layout.ENTRY + 1}, (at, stored) -> {
            Entry entry = Entry.decode(stored);
            return entry.isExpired(nowMillis) || visitor.visit(Layout.keyOfEntry(at), entry);
        });
    }

    /// Keys in the order of their slots, from a slot on: some at least, and never a part of those with one slot. Keys
    /// that expired are among them.
    ///
    /// @param atLeast keys to find, if there are so many
    final List<byte[]> bySlot(long slot, int atLeast) {
        List<byte[]> found = new ArrayList<>();
        store.up(Layout.slot(slot, Layout.NOTHING), new byte[] {Layout.SLOT + 1}, (at, nothing) -> {
            boolean wanted = found.size() < atLeast || Layout.slotOf(found.getLast()) == Layout.slotOf(at);
            if (wanted) {
                found.add(at);
            }
            return wanted;
        });
        return found;
    }

    /// What expired by now, in order of expiry, at most so many.
    final List<byte[]> expired(int max) {
        List<byte[]> found = new ArrayList<>();
        byte[] end = Layout.expiry(nowMillis + 1, Layout.NOTHING);
        store.up(Layout.expiry(0, Layout.NOTHING), end, (at, nothing) -> {
            found.add(Layout.keyOfExpiry(at));
            return found.size() < max;
        });
        return found;
    }

    final Store store() {
        return store;
    }

    /// Looks at entries.
    @FunctionalInterface
    interface EntryVisitor {
        /// @return whether to go on
        boolean visit(byte[] key, Entry entry);
    }

    /// The smallest name after all names with this prefix.
    static byte[] after(byte[] prefix) {
        byte[] next = prefix.clone();
        for (int i = next.length - 1; i >= 0; i--) {
            next[i]++;
            if (next[i] != 0) {
                return Arrays.copyOf(next, i + 1);
            }
        }
        throw new IllegalArgumentException("nothing comes after a prefix of 0xff");
    }
}
