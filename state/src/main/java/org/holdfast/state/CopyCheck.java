package org.holdfast.state;

import com.google.errorprone.annotations.FormatMethod;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Looks whether what a state keeps beside its content follows from its content: what the digest does not cover, and a
/// program that trusts it would answer wrongly, or change differently from others.
///
/// Not told by the content, and taken as it is: when and by which block a key changed last, and what requests with ids
/// were answered; of those, that their order has each once.
final class CopyCheck {
    private final Store store;
    private final Header header;
    private final Entries entries;
    private long keys;
    private long expiring;
    private long members;

    CopyCheck(Store store, Header header) {
        this.store = store;
        this.header = header;
        // Before all times: what has expired counts until a block removes it.
        this.entries = new Entries(store, Long.MIN_VALUE, new SeededChance(Layout.NOTHING));
    }

    /// Something contradicts the content.
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Wrong(String text) {
            super(text, null, false, false);
        }
    }

    @FormatMethod
    static void require(boolean right, String otherwise, Object... parts) {
        if (!right) {
            throw new Wrong(otherwise.formatted(parts));
        }
    }

    /// @throws Wrong at the first contradiction
    void run() {
        require(header.block() >= 0 && header.timeMillis() >= 0, "its block is %d", header.block());
        entries.each(Layout.NOTHING, (key, entry) -> {
            look(key, entry);
            return true;
        });
        require(keys == header.keys(), "it has %d keys and says %d", keys, header.keys());
        require(keys == count(Layout.SLOT), "the order of SCAN does not have its %d keys", keys);
        require(expiring == count(Layout.EXPIRY), "the order of expiry does not have its %d keys", expiring);
        require(members == count(Layout.MEMBER), "there are members of no collection, or of two");
        require(Receipts.agree(store, header.timeMillis()), "the answers to requests with ids are not in their order");
    }

    private void look(byte[] key, Entry entry) {
        keys++;
        require(
                entry.block() >= 0 && entry.block() <= header.block(),
                "a key was changed by block %d, and the state is that of block %d",
                entry.block(),
                header.block());
        require(store.get(Layout.slot(Layout.slotFor(key), key)) != null, "a key is missing in the order of SCAN");
        if (entry.expiry() != 0) {
            expiring++;
            require(store.get(Layout.expiry(entry.expiry(), key)) != null, "a key is missing in the order of expiry");
        }
        if (entry.hasMembers()) {
            require(
                    entry.generation() > 0 && entry.generation() < header.nextGeneration(),
                    "a collection has the number %d, and the next one would be %d",
                    entry.generation(),
                    header.nextGeneration());
            long derived = collection(entry);
            switch (entry.type()) {
                case ZSET -> ranks(entry, derived);
                case LIST -> places(entry);
                case STRING, HASH, SET, JSON -> require(derived == 0, "a collection has an order it needs not");
            }
        }
    }

    /// Counts a collection's records.
    ///
    /// @return how many of them are derived
    private long collection(Entry owner) {
        long[] derived = {0};
        store.up(Layout.members(owner.generation()), Layout.members(owner.generation() + 1), (at, value) -> {
            members++;
            derived[0] += Layout.partOf(at) >= Layout.DERIVED_PART ? 1 : 0;
            return true;
        });
        return derived[0];
    }

    private long count(int prefix) {
        long[] count = {0};
        store.up(new byte[] {(byte) prefix}, new byte[] {(byte) (prefix + 1)}, (at, value) -> {
            count[0]++;
            return true;
        });
        return count[0];
    }

    /// A list's ends are its first and last element's places; those of an even one are a step apart.
    private void places(Entry list) {
        boolean even = list.form() != Places.UNEVEN;
        long first = Places.first(list);
        long[] seen = {0, first};
        Places.up(entries, list, -Places.PLACE_MAX - 1, (place, element) -> {
            require(seen[0] > 0 || place == first, "a list begins where it does not say");
            require(!even || place == first + seen[0] * Places.STEP, "a list is not as even as it says");
            seen[0]++;
            seen[1] = place;
            return true;
        });
        require(seen[0] == list.size(), "a list of %d has %d elements", list.size(), seen[0]);
        require(seen[1] == Places.last(list), "a list ends where it does not say");
    }

    /// A sorted set's order has its members, and the counts over it add up.
    private void ranks(Entry set, long derived) {
        long[] found = {0};
        store.up(
                Layout.member(set.generation(), new byte[] {Layout.SUM_PART + 1}),
                Layout.member(set.generation(), new byte[] {Layout.SUM_PART + 2}),
                (at, score) -> {
                    byte[] member = Layout.memberOf(at);
                    byte[] name = Arrays.copyOfRange(member, 1 + Layout.SLOT_BYTES, member.length);
                    byte[] place = Ranking.at(Scores.place(Scores.decode(score), name));
                    require(entries.member(set, place) != null, "a member is missing in the order of its sorted set");
                    found[0]++;
                    return true;
                });
        long below = found[0];
        long seen = below;
        require(below == set.size(), "a sorted set of %d has %d members", set.size(), below);
        require(below == count(set, 0), "the order of a sorted set does not have its %d members", set.size());
        int height = set.body().length == 0 ? 0 : set.body()[0];
        for (int level = 1; level <= height; level++) {
            seen += fences(set, level);
        }
        require(derived == seen, "a sorted set has more counts than levels");
    }

    private long count(Entry set, int level) {
        long[] count = {0};
        entries.members(set, part(level), part(level + 1), (member, value) -> {
            count[0]++;
            return true;
        });
        return count[0];
    }

    private static byte[] part(int level) {
        return new byte[] {(byte) (Ranking.PART + level)};
    }

    /// @return how many fences the level has
    private long fences(Entry set, int level) {
        List<byte[]> from = new ArrayList<>();
        List<ByteBuffer> counts = new ArrayList<>();
        entries.members(set, part(level), part(level + 1), (member, value) -> {
            from.add(Ranking.placeOf(member));
            counts.add(ByteBuffer.wrap(value));
            return true;
        });
        require(!from.isEmpty() && from.getFirst().length == 0, "the counts of a sorted set do not begin");
        long[] places = new long[from.size()];
        long[] children = new long[from.size()];
        int[] at = {0};
        entries.members(set, part(level - 1), part(level), (member, value) -> {
            byte[] place = Ranking.placeOf(member);
            while (at[0] + 1 < from.size() && Arrays.compareUnsigned(from.get(at[0] + 1), place) <= 0) {
                at[0]++;
            }
            places[at[0]] += level == 1 ? 1 : ByteBuffer.wrap(value).getLong();
            children[at[0]]++;
            return true;
        });
        for (int i = 0; i < places.length; i++) {
            ByteBuffer said = counts.get(i);
            require(
                    said.remaining() == Long.BYTES + Integer.BYTES
                            && said.getLong() == places[i]
                            && said.getInt() == children[i],
                    "the counts of a sorted set do not add up");
        }
        return places.length;
    }
}
