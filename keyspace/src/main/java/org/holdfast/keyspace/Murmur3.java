package org.holdfast.keyspace;

/// MurmurHash3, 32 bits, by Austin Appleby (`MurmurHash3_x86_32` in SMHasher, which he put into the public domain):
/// what says in which shard a key lies.
final class Murmur3 {
    private static final int C1 = 0xcc9e2d51;
    private static final int C2 = 0x1b873593;

    private Murmur3() {}

    /// The hash of a part of some bytes, with seed 0.
    static int hash(byte[] bytes, int from, int to) {
        int hash = 0;
        int at = from;
        for (; at + Integer.BYTES <= to; at += Integer.BYTES) {
            int block = (bytes[at] & 0xff)
                    | (bytes[at + 1] & 0xff) << 8
                    | (bytes[at + 2] & 0xff) << 16
                    | (bytes[at + 3] & 0xff) << 24;
            hash = Integer.rotateLeft(hash ^ scrambled(block), 13) * 5 + 0xe6546b64;
        }
        int tail = 0;
        for (int i = to - 1; i >= at; i--) {
            tail = tail << 8 | (bytes[i] & 0xff);
        }
        return mixed(hash ^ scrambled(tail) ^ (to - from));
    }

    private static int scrambled(int block) {
        return Integer.rotateLeft(block * C1, 15) * C2;
    }

    private static int mixed(int hash) {
        int h = hash;
        h = (h ^ h >>> 16) * 0x85ebca6b;
        h = (h ^ h >>> 13) * 0xc2b2ae35;
        return h ^ h >>> 16;
    }
}
