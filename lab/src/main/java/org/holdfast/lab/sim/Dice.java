package org.holdfast.lab.sim;

import org.holdfast.env.Chance;

/// Chance that a seed decides: the same seed, the same throws. SplitMix64 (Steele, Lea, Flood: "Fast splittable
/// pseudorandom number generators", 2014).
final class Dice implements Chance {
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private long state;

    Dice(long seed) {
        state = mix(seed + STEP);
    }

    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    @Override
    public long nextLong() {
        state += STEP;
        return mix(state);
    }

    @Override
    public void nextBytes(byte[] target) {
        for (int i = 0; i < target.length; i++) {
            target[i] = (byte) nextLong();
        }
    }

    /// Another dice, of its own from here on.
    Dice fork() {
        return new Dice(nextLong());
    }

    /// From 0 to below a bound.
    int below(int bound) {
        return (int) Long.remainderUnsigned(nextLong() >>> 1, bound);
    }

    /// From least to most, both included.
    long between(long least, long most) {
        return least + Long.remainderUnsigned(nextLong() >>> 1, most - least + 1);
    }

    /// True so many times in a thousand.
    boolean permille(int chance) {
        return chance > 0 && below(1000) < chance;
    }

    boolean coin() {
        return (nextLong() & 1) == 0;
    }

    /// One of them.
    @SafeVarargs
    final <T> T one(T... choices) {
        return choices[below(choices.length)];
    }
}
