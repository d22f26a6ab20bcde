package org.holdfast.state;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Keeps the digest of a shard's logical content up with its changes.
///
/// It reads what a batch changed off the overlay, so no command knows of it. Of a member counts its part, name and
/// value, into its collection's own sum; of a key its name, type, expiry, and its value or the collection's size and
/// sum, into the total. Generations, versions, form hints and derived parts do not count: states are equal when a
/// client can see no difference. Dropping a collection costs one element, however large it is, and so does renaming.
final class DigestBook {
    private static final byte MEMBER_ELEMENT = 'm';
    private static final byte KEY_ELEMENT = 'k';

    private final MessageDigest hash = Layout.sha256();
    private final LatticeSum total;

    DigestBook(LatticeSum total) {
        this.total = total;
    }

    LatticeSum total() {
        return total;
    }

    /// The total in 32 bytes.
    byte[] digest() {
        return total.digest(hash);
    }

    /// The book after a batch; puts the changed sums of collections into the overlay. This one stays as it is.
    DigestBook following(Overlay overlay) {
        DigestBook next = new DigestBook(overlay.isCleared() ? new LatticeSum() : new LatticeSum(total.bytes()));
        next.follow(overlay);
        return next;
    }

    private void follow(Overlay overlay) {
        Map<Long, LatticeSum> sums = new HashMap<>();
        overlay.changes(new byte[] {Layout.MEMBER}, new byte[] {Layout.END}, (at, change) -> {
            if (isCounted(at)) {
                LatticeSum sum = sums.computeIfAbsent(Layout.generationOf(at), g -> sumBefore(overlay, g));
                byte @Nullable [] before = change.before();
                byte @Nullable [] after = change.after();
                if (before != null) {
                    sum.subtract(member(Layout.memberOf(at), before));
                }
                if (after != null) {
                    sum.add(member(Layout.memberOf(at), after));
                }
            }
        });
        overlay.changes(new byte[] {Layout.ENTRY}, new byte[] {Layout.ENTRY + 1}, (at, change) -> {
            byte[] key = Layout.keyOfEntry(at);
            byte @Nullable [] before = change.before();
            byte @Nullable [] after = change.after();
            if (before != null) {
                total.subtract(key(key, Entry.decode(before), g -> sumBefore(overlay, g)));
            }
            if (after != null) {
                total.add(key(key, Entry.decode(after), g -> {
                    LatticeSum changed = sums.get(g);
                    return changed == null ? sumBefore(overlay, g) : changed;
                }));
            }
        });
        sums.forEach((generation, sum) -> overlay.put(Layout.sum(generation), sum.bytes()));
    }

    static boolean isCounted(byte[] memberAt) {
        int part = Layout.partOf(memberAt);
        return part != Layout.SUM_PART && part < Layout.DERIVED_PART;
    }

    private static LatticeSum sumBefore(Overlay overlay, long generation) {
        byte[] stored = overlay.below(Layout.sum(generation));
        return stored == null ? new LatticeSum() : new LatticeSum(stored);
    }

    /// The vector of a member.
    byte[] member(byte[] member, byte[] value) {
        hash.update(MEMBER_ELEMENT);
        sized(member);
        hash.update(value);
        return LatticeSum.vector(hash, hash.digest());
    }

    /// The vector of a key.
    byte[] key(byte[] key, Entry entry, SumOf sums) {
        hash.update(KEY_ELEMENT);
        sized(key);
        hash.update(ByteBuffer.allocate(1 + Long.BYTES)
                .put((byte) entry.type().code())
                .putLong(entry.expiry())
                .flip());
        if (entry.hasMembers()) {
            hash.update(ByteBuffer.allocate(Long.BYTES).putLong(entry.size()).flip());
            hash.update(sums.of(entry.generation()).bytes());
        } else {
            hash.update(entry.body());
        }
        return LatticeSum.vector(hash, hash.digest());
    }

    private void sized(byte[] name) {
        hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(name.length).flip());
        hash.update(name);
    }

    /// The sum of a collection.
    @FunctionalInterface
    interface SumOf {
        LatticeSum of(long generation);
    }

    /// Adds up everything a store holds, as if nothing had been kept: what a kept total has to be equal to.
    ///
    /// @param sums told the sum of each collection on the way
    static LatticeSum recount(Store store, BiConsumer<Long, LatticeSum> sums) {
        DigestBook book = new DigestBook(new LatticeSum());
        store.up(new byte[] {Layout.ENTRY}, new byte[] {Layout.ENTRY + 1}, (at, value) -> {
            Entry entry = Entry.decode(value);
            LatticeSum sum = new LatticeSum();
            if (entry.hasMembers()) {
                book.addMembers(store, entry.generation(), sum);
                sums.accept(entry.generation(), sum);
            }
            book.total.add(book.key(Layout.keyOfEntry(at), entry, generation -> sum));
            return true;
        });
        return book.total;
    }

    private void addMembers(Store store, long generation, LatticeSum sum) {
        store.up(Layout.members(generation), Layout.members(generation + 1), (at, value) -> {
            if (isCounted(at)) {
                sum.add(member(Layout.memberOf(at), value));
            }
            return true;
        });
    }
}
