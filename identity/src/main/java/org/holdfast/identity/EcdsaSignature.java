package org.holdfast.identity;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/// An ECDSA signature as DER `SEQUENCE { INTEGER r, INTEGER s }` (SEC 1, C.5), read strictly: shortest lengths,
/// shortest integers, positive values, nothing behind.
record EcdsaSignature(BigInteger r, BigInteger s) {
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;
    /// P-521 would need 139 bytes; more is nothing we verify.
    private static final int LONGEST = 160;

    /// Reads.
    ///
    /// @return null when the bytes are not exactly one signature
    static @Nullable EcdsaSignature parse(byte[] der) {
        if (der.length < 8 || der.length > LONGEST || (der[0] & 0xff) != SEQUENCE) {
            return null;
        }
        int bodyAt = 2;
        int length = der[1] & 0xff;
        if (length == 0x81) {
            length = der[2] & 0xff;
            bodyAt = 3;
            if (length < 0x80) {
                return null;
            }
        }
        if ((length > 0x81 && bodyAt == 2) || bodyAt + length != der.length) {
            return null;
        }
        int secondAt = end(der, bodyAt);
        if (secondAt < 0 || end(der, secondAt) != der.length) {
            return null;
        }
        return new EcdsaSignature(value(der, bodyAt), value(der, secondAt));
    }

    /// The end of the positive, shortest-form INTEGER at a position; -1 when there is none.
    private static int end(byte[] der, int at) {
        if (at + 2 >= der.length || der[at] != INTEGER) {
            return -1;
        }
        int length = der[at + 1] & 0xff;
        int first = at + 2;
        if (length == 0 || length >= 0x80 || first + length > der.length || der[first] < 0) {
            return -1;
        }
        boolean padded = length > 1 && der[first] == 0 && der[first + 1] >= 0;
        return padded ? -1 : first + length;
    }

    private static BigInteger value(byte[] der, int at) {
        return new BigInteger(1, der, at + 2, der[at + 1] & 0xff);
    }

    boolean hasLowS(BigInteger order) {
        return s.compareTo(order.shiftRight(1)) <= 0;
    }

    /// The same signature with the smaller of the two valid S values.
    EcdsaSignature withLowS(BigInteger order) {
        return hasLowS(order) ? this : new EcdsaSignature(r, order.subtract(s));
    }

    byte[] der() {
        byte[] first = r.toByteArray();
        byte[] second = s.toByteArray();
        int length = first.length + second.length + 4;
        int head = length < 0x80 ? 2 : 3;
        byte[] out = new byte[head + length];
        out[0] = SEQUENCE;
        if (head == 3) {
            out[1] = (byte) 0x81;
        }
        out[head - 1] = (byte) length;
        put(out, head, first);
        put(out, head + 2 + first.length, second);
        return out;
    }

    private static void put(byte[] out, int at, byte[] integer) {
        out[at] = INTEGER;
        out[at + 1] = (byte) integer.length;
        System.arraycopy(integer, 0, out, at + 2, integer.length);
    }
}
