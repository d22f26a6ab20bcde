package org.holdfast.keyspace;

import java.nio.charset.StandardCharsets;
import org.holdfast.state.Command;
import org.jspecify.annotations.Nullable;

/// A key's full name, `keyspace:table:key`: letters, digits and underscores up to the first colon and to the second,
/// and any bytes behind it.
///
/// @param bytes all of it
/// @param keyspace up to the first colon
record FullKey(byte[] bytes, String keyspace) {
    private static final int TABLE_MAX = 255;

    /// Reads a full name.
    ///
    /// @return null when it is none
    static @Nullable FullKey of(byte[] bytes) {
        int first = wordEnd(bytes, 0, ShardName.KEYSPACE_MAX);
        if (first < 0 || wordEnd(bytes, first + 1, TABLE_MAX) < 0) {
            return null;
        }
        return new FullKey(bytes, new String(bytes, 0, first, StandardCharsets.US_ASCII));
    }

    /// The keyspace that a pattern of full names begins with.
    ///
    /// @return null when it names none, or leaves something open in it
    static @Nullable String keyspaceOf(byte[] pattern) {
        int end = wordEnd(pattern, 0, ShardName.KEYSPACE_MAX);
        return end < 0 ? null : new String(pattern, 0, end, StandardCharsets.US_ASCII);
    }

    /// What a client is told of a name that is none.
    static String fault(byte[] bytes) {
        return "'%s' is no full name of a key: keyspace:table:key is wanted, keyspace and table of letters, digits and"
                        .formatted(Command.readable(bytes))
                + " underscores (a plain listener adds them by itself)";
    }

    /// The number of the shard it lies in: MurmurHash3 of `table:key`, unsigned, modulo their number.
    int shard(int shards) {
        int hash = Murmur3.hash(bytes, keyspace.length() + 1, bytes.length);
        return Integer.remainderUnsigned(hash, shards);
    }

    /// @return where the colon stands; -1 when there is no word of at most so many letters before one
    private static int wordEnd(byte[] bytes, int from, int max) {
        for (int i = from; i < bytes.length && i <= from + max; i++) {
            int c = bytes[i];
            if (c == ':') {
                return i > from ? i : -1;
            }
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
            if (!letter) {
                return -1;
            }
        }
        return -1;
    }
}
