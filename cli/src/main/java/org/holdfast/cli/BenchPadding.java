package org.holdfast.cli;

import java.nio.ByteBuffer;
import org.holdfast.env.Chance;

/// What fills the envelopes of a measurement: noise, other in each, so that nothing on the way can make less of it.
/// Taken from a pool so large that pieces near each other seldom overlap: chance itself would take longer than the
/// signature.
final class BenchPadding {
    private static final int POOL_BYTES = 16 << 20;

    private final Chance chance;
    private final byte[] pool = new byte[POOL_BYTES];

    BenchPadding(Chance chance) {
        this.chance = chance;
        chance.nextBytes(pool);
    }

    /// A piece of the pool.
    ///
    /// @param bytes fewer than the pool has
    ByteBuffer next(int bytes) {
        int from = (int) Long.remainderUnsigned(chance.nextLong(), POOL_BYTES - bytes);
        return ByteBuffer.wrap(pool, from, bytes).slice();
    }
}
