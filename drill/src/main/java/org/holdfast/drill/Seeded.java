package org.holdfast.drill;

import org.holdfast.env.Chance;

/// A chance that gives the same values for the same seed, so that a schedule can be run again. Used by one thread.
///
/// Algorithm: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
public final class Seeded implements Chance {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;
    private long state;

    /// @param seed the same one gives the same values
    public Seeded(long seed) {
        this.state = seed;
    }

    @Override
    public long nextLong() {
        state += GOLDEN;
        long mixed = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }

    @Override
    public void nextBytes(byte[] target) {
        for (int i = 0; i < target.length; i++) {
            target[i] = (byte) nextLong();
        }
    }

    /// From 0 to `bound` - 1.
    public int below(int bound) {
        return (int) Long.remainderUnsigned(nextLong(), bound);
    }
}
