package org.holdfast.state;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.holdfast.env.Chance;

/// Chance that is the same on every node: SHA-256 over the record's seed and a counter. Who chose the seed could know
/// it; nobody else can tell it before the record is ordered.
final class SeededChance implements Chance {
    private final MessageDigest hash = Layout.sha256();
    private final byte[] seed;
    private ByteBuffer ready = ByteBuffer.allocate(0);
    private long counter;

    SeededChance(byte[] seed) {
        this.seed = seed.clone();
    }

    @Override
    public long nextLong() {
        if (ready.remaining() < Long.BYTES) {
            hash.update(seed);
            ready = ByteBuffer.wrap(hash.digest(
                    ByteBuffer.allocate(Long.BYTES).putLong(counter++).array()));
        }
        return ready.getLong();
    }

    @Override
    public void nextBytes(byte[] target) {
        ByteBuffer bytes = ByteBuffer.wrap(target);
        while (bytes.hasRemaining()) {
            long value = nextLong();
            for (int i = 0; i < Long.BYTES && bytes.hasRemaining(); i++) {
                bytes.put((byte) (value >>> (i * Byte.SIZE)));
            }
        }
    }
}
