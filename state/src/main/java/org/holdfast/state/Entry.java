package org.holdfast.state;

import java.nio.ByteBuffer;
import org.holdfast.env.Invariant;

/// A key's record: what it holds, until when, and how it last changed.
///
/// @param form a hint of its type's own about how it came about (a string that was edited in place); not in the digest
/// @param expiry millisecond since the Unix epoch from which on it is not there; 0 for never
/// @param modified record time of the last change
/// @param block block of the last change: its version
/// @param generation names the members of a collection, or the chunks of a long string; 0 for a short one
/// @param size members of a collection, bytes of a long string; 0 for a short one
/// @param body a short string's bytes; for a collection what its type keeps beside its members
record Entry(Type type, int form, long expiry, long modified, long block, long generation, long size, byte[] body) {
    private static final int VERSION = 1;

    /// In the byte of the form: generation and size follow.
    private static final int MEMBERS = 0x80;

    private static final int HEAD_BYTES = 1 + 1 + 1 + 3 * Long.BYTES;

    /// A string that is not stored yet.
    static Entry string(byte[] value) {
        return new Entry(Type.STRING, 0, 0, 0, 0, 0, 0, value);
    }

    boolean isExpired(long nowMillis) {
        return expiry != 0 && expiry <= nowMillis;
    }

    Entry withExpiry(long millis) {
        return new Entry(type, form, millis, modified, block, generation, size, body);
    }

    Entry withBody(byte[] bytes) {
        return new Entry(type, form, expiry, modified, block, generation, size, bytes);
    }

    Entry withForm(int hint) {
        return new Entry(type, hint, expiry, modified, block, generation, size, body);
    }

    Entry withSize(long members) {
        return new Entry(type, form, expiry, modified, block, generation, members, body);
    }

    Entry withGeneration(long fresh) {
        return new Entry(type, form, expiry, modified, block, fresh, size, body);
    }

    Entry stamped(long timeMillis, long inBlock) {
        return new Entry(type, form, expiry, timeMillis, inBlock, generation, size, body);
    }

    /// Whether there is more of it than this record: a collection, or a string in chunks.
    boolean hasMembers() {
        return generation != 0;
    }

    /// As stored: `version, type, form, expiry, modified, block`, with members `generation, size`, then the body;
    /// numbers big-endian.
    byte[] encode() {
        int head = hasMembers() ? HEAD_BYTES + 2 * Long.BYTES : HEAD_BYTES;
        ByteBuffer bytes = ByteBuffer.allocate(head + body.length);
        bytes.put((byte) VERSION).put((byte) type.code()).put((byte) (hasMembers() ? form | MEMBERS : form));
        bytes.putLong(expiry).putLong(modified).putLong(block);
        if (hasMembers()) {
            bytes.putLong(generation).putLong(size);
        }
        return bytes.put(body).array();
    }

    /// The type alone, without a copy of the rest.
    static Type typeOf(byte[] stored) {
        Invariant.check(stored[0] == VERSION, "an entry of version %d", stored[0]);
        return Type.of(stored[1]);
    }

    static Entry decode(byte[] stored) {
        Type type = typeOf(stored);
        ByteBuffer bytes = ByteBuffer.wrap(stored).position(2);
        int marks = bytes.get() & 0xff;
        boolean members = (marks & MEMBERS) != 0;
        long expiry = bytes.getLong();
        long modified = bytes.getLong();
        long block = bytes.getLong();
        long generation = members ? bytes.getLong() : 0;
        long size = members ? bytes.getLong() : 0;
        byte[] body = new byte[bytes.remaining()];
        bytes.get(body);
        return new Entry(type, marks & ~MEMBERS, expiry, modified, block, generation, size, body);
    }
}
