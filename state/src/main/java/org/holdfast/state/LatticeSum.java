package org.holdfast.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.holdfast.env.Invariant;

/// A hash of a multiset to which elements are added and from which they are taken one by one, in any order: LtHash16.
///
/// Each element is hashed to 1024 numbers of 16 bits, and the hash of the multiset is the sum of these vectors modulo
/// 2^16. Finding two multisets with one sum is as hard as a short-vector problem in a lattice (M. Bellare,
/// D. Micciancio: "A New Paradigm for Collision-free Hashing: Incrementality at Reduced Cost", EUROCRYPT 1997;
/// parameters: K. Lewi, W. Kim, I. Maykov, S. Weis: "Securing Update Propagation with Homomorphic Hashing", IACR ePrint
/// 2019/227). An element's vector is made from SHA-256 as in MGF1 (RFC 8017, B.2.1): with h the element's SHA-256,
/// the 2048 bytes are SHA-256(h, 0), SHA-256(h, 1), ... with a four-byte big-endian counter; each two bytes
/// are a number, the lower byte first.
///
/// Not thread-safe.
final class LatticeSum {
    /// Bytes of a sum.
    static final int BYTES = 2048;

    private static final int NUMBERS = BYTES / Short.BYTES;
    private static final int HASH_BYTES = 32;
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;

    /// Of nothing.
    LatticeSum() {
        bytes = new byte[BYTES];
    }

    /// As stored by [#bytes].
    LatticeSum(byte[] stored) {
        Invariant.check(stored.length == BYTES, "a sum of %d bytes", stored.length);
        bytes = stored.clone();
    }

    /// Adds an element's vector.
    void add(byte[] vector) {
        for (int i = 0; i < BYTES; i += Short.BYTES) {
            SHORT.set(bytes, i, (short) ((short) SHORT.get(bytes, i) + (short) SHORT.get(vector, i)));
        }
    }

    /// Takes an element's vector away.
    void subtract(byte[] vector) {
        for (int i = 0; i < BYTES; i += Short.BYTES) {
            SHORT.set(bytes, i, (short) ((short) SHORT.get(bytes, i) - (short) SHORT.get(vector, i)));
        }
    }

    /// The sum itself.
    byte[] bytes() {
        return bytes.clone();
    }

    /// The sum in 32 bytes, to be shown and compared.
    byte[] digest(MessageDigest hash) {
        return hash.digest(bytes);
    }

    /// The vector of an element.
    ///
    /// @param hash SHA-256
    /// @param element the element's SHA-256
    static byte[] vector(MessageDigest hash, byte[] element) {
        byte[] vector = new byte[BYTES];
        byte[] input = Arrays.copyOf(element, HASH_BYTES + Integer.BYTES);
        try {
            for (int i = 0; i < NUMBERS * Short.BYTES / HASH_BYTES; i++) {
                INT.set(input, HASH_BYTES, i);
                hash.update(input);
                hash.digest(vector, i * HASH_BYTES, HASH_BYTES);
            }
        } catch (DigestException e) {
            throw Invariant.broken("SHA-256 does not fit into 32 bytes: %s", e);
        }
        return vector;
    }
}
