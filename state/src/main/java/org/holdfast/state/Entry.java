package org.holdfast.state;

import java.nio.ByteBuffer;
import org.holdfast.env.Invariant;

/// A key's record: what it holds, until when, and how it last changed.
///
/// @param form a hint of its type's own about how it came about (a string that was edited in place); not in the digest
/// @param expiry millisecond since the Unix epoch from which on it is not there; 0 for never
/// @param modified record time of the last change
/// @param block block of the last change: its version
/// @param generation names the members of a collection; 0 for a string
/// @param size members of a collection; 0 for a string
/// @param body a string's bytes; for a collection what its type keeps beside its members
record Entry(Type type, int form, long expiry, long modified, long block, long generation, long size, byte[] body) {
    private static final int VERSION = 1;
    private static final int STRING_BYTES = 1 + 1 + 1 + 3 * Long.BYTES;

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

    boolean isCollection() {
        return type != Type.STRING;
    }

    /// As stored (`version, type, form, expiry, modified, block`, then for a collection `generation, size`, then the
    /// body; numbers big-endian).
    byte[] encode() {
        int head = isCollection() ? STRING_BYTES + 2 * Long.BYTES : STRING_BYTES;
        ByteBuffer bytes = ByteBuffer.allocate(head + body.length);
        bytes.put((byte) VERSION).put((byte) type.code()).put((byte) form);
        bytes.putLong(expiry).putLong(modified).putLong(block);
        if (isCollection()) {
            bytes.putLong(generation).putLong(size);
        }
        return bytes.put(body).array();
    }

    static Entry decode(byte[] stored) {
        ByteBuffer bytes = ByteBuffer.wrap(stored);
        int version = bytes.get();
        Invariant.check(version == VERSION, "an entry of version %d", version);
        Type type = Type.of(bytes.get());
        int form = bytes.get();
        long expiry = bytes.getLong();
        long modified = bytes.getLong();
        long block = bytes.getLong();
        long generation = type == Type.STRING ? 0 : bytes.getLong();
        long size = type == Type.STRING ? 0 : bytes.getLong();
        byte[] body = new byte[bytes.remaining()];
        bytes.get(body);
        return new Entry(type, form, expiry, modified, block, generation, size, body);
    }
}
