package org.holdfast.state;

import java.nio.ByteBuffer;
import org.holdfast.env.Invariant;
import org.jspecify.annotations.Nullable;

/// What a shard's state says of itself: one record, written with every batch.
///
/// @param digest whether a digest is kept
/// @param block the last applied block; -1 before the first
/// @param timeMillis the latest record time
/// @param nextGeneration given to the next collection
/// @param keys number of entries, also those that expired and are not removed yet
record Header(boolean digest, long block, long timeMillis, long nextGeneration, long keys) {
    /// Of a state with nothing in it.
    static final long NO_BLOCK = -1;

    private static final int MAGIC = 0x48465354; // HFST
    private static final int VERSION = 1;
    private static final int BYTES = Integer.BYTES + 2 + 4 * Long.BYTES;

    static Header fresh(boolean digest) {
        return new Header(digest, NO_BLOCK, 0, 1, 0);
    }

    byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putInt(MAGIC)
                .put((byte) VERSION)
                .put((byte) (digest ? 1 : 0))
                .putLong(block)
                .putLong(timeMillis)
                .putLong(nextGeneration)
                .putLong(keys)
                .array();
    }

    /// @throws StateUnusable when it is none, or one of another version
    static Header decode(byte @Nullable [] stored) throws StateUnusable {
        if (stored == null || stored.length < Integer.BYTES + 1) {
            throw new StateUnusable(StateUnusable.Verdict.CORRUPT, "it has no header");
        }
        ByteBuffer bytes = ByteBuffer.wrap(stored);
        if (bytes.getInt() != MAGIC) {
            throw new StateUnusable(StateUnusable.Verdict.CORRUPT, "its header is none of ours");
        }
        int version = bytes.get();
        if (version > VERSION) {
            throw new StateUnusable(
                    StateUnusable.Verdict.TOO_NEW,
                    "it is of version %d, this program knows %d".formatted(version, VERSION));
        }
        if (version < VERSION || stored.length != BYTES) {
            throw new StateUnusable(
                    StateUnusable.Verdict.CORRUPT, "version %d, %d bytes".formatted(version, stored.length));
        }
        int digest = bytes.get();
        Header header = new Header(digest == 1, bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
        Invariant.check(header.keys >= 0, "%d entries", header.keys);
        return header;
    }
}
