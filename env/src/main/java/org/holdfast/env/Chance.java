package org.holdfast.env;

/// Randomness as a room sees it.
public interface Chance {
    /// A uniformly distributed 64-bit value.
    long nextLong();

    /// Fills the array with unpredictable bytes.
    void nextBytes(byte[] target);
}
