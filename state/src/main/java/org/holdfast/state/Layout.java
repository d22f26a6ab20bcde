package org.holdfast.state;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.holdfast.env.Invariant;

/// Where things lie in the store: the first byte says what a record is (see the sign of this package). Keys are
/// compared as unsigned bytes, numbers in them are big-endian, so that order in the store is order of the numbers.
final class Layout {
    static final byte HEADER = 0x00;
    static final byte TOTAL = 0x01;
    static final byte DIGEST = 0x02;
    static final byte RECEIPT = 0x03;
    static final byte RECEIPT_ORDER = 0x04;
    static final byte RECEIPT_NUMBERS = 0x05;
    static final byte ENTRY = 0x10;
    static final byte SLOT = 0x11;
    static final byte EXPIRY = 0x12;
    static final byte MEMBER = 0x20;
    static final byte END = 0x21;

    /// Bytes of a slot: the place of a key in the order of SCAN.
    static final int SLOT_BYTES = 6;

    /// Parts of a collection from this one on repeat what others say (an order by score) and are not in the digest.
    static final int DERIVED_PART = 0x80;

    /// The part of a collection that holds its sum.
    static final int SUM_PART = 0;

    /// The last slot.
    static final long SLOT_MAX = (1L << (SLOT_BYTES * Byte.SIZE)) - 1;

    static final byte[] NOTHING = {};

    private static final int PREFIX = 1;

    private Layout() {}

    static byte[] header() {
        return new byte[] {HEADER};
    }

    static byte[] total() {
        return new byte[] {TOTAL};
    }

    static byte[] digest(long block) {
        return number(DIGEST, block, NOTHING);
    }

    static long blockOf(byte[] at) {
        return ByteBuffer.wrap(at).getLong(PREFIX);
    }

    /// What was answered to a request with an id.
    ///
    /// @param id hash of user and id
    static byte[] receipt(byte[] id) {
        return prefixed(RECEIPT, id);
    }

    /// Where the receipt of this number lies.
    static byte[] receiptOrder(long number) {
        return number(RECEIPT_ORDER, number, NOTHING);
    }

    static byte[] receiptNumbers() {
        return new byte[] {RECEIPT_NUMBERS};
    }

    static byte[] entry(byte[] key) {
        return prefixed(ENTRY, key);
    }

    private static byte[] prefixed(byte prefix, byte[] name) {
        byte[] at = new byte[PREFIX + name.length];
        at[0] = prefix;
        System.arraycopy(name, 0, at, PREFIX, name.length);
        return at;
    }

    /// The key back from where its entry lies.
    static byte[] keyOfEntry(byte[] at) {
        return Arrays.copyOfRange(at, PREFIX, at.length);
    }

    /// Where the slots from this one on begin.
    static byte[] slot(long slot, byte[] key) {
        ByteBuffer at = ByteBuffer.allocate(PREFIX + SLOT_BYTES + key.length);
        return at.put(SLOT)
                .putShort((short) (slot >>> Integer.SIZE))
                .putInt((int) slot)
                .put(key)
                .array();
    }

    static byte[] keyOfSlot(byte[] at) {
        return Arrays.copyOfRange(at, PREFIX + SLOT_BYTES, at.length);
    }

    static long slotOf(byte[] at) {
        ByteBuffer bytes = ByteBuffer.wrap(at);
        return ((bytes.getShort(PREFIX) & 0xffffL) << Integer.SIZE)
                | (bytes.getInt(PREFIX + Short.BYTES) & 0xffff_ffffL);
    }

    static byte[] expiry(long millis, byte[] key) {
        return number(EXPIRY, millis, key);
    }

    static long timeOfExpiry(byte[] at) {
        return ByteBuffer.wrap(at).getLong(PREFIX);
    }

    static byte[] keyOfExpiry(byte[] at) {
        return Arrays.copyOfRange(at, PREFIX + Long.BYTES, at.length);
    }

    /// A member of a collection.
    ///
    /// @param member begins with the byte of its part
    static byte[] member(long generation, byte[] member) {
        return number(MEMBER, generation, member);
    }

    static byte[] sum(long generation) {
        return number(MEMBER, generation, new byte[] {SUM_PART});
    }

    /// Where a generation's members begin; the next generation's beginning is their end.
    static byte[] members(long generation) {
        return number(MEMBER, generation, NOTHING);
    }

    static long generationOf(byte[] at) {
        return ByteBuffer.wrap(at).getLong(PREFIX);
    }

    static byte[] memberOf(byte[] at) {
        return Arrays.copyOfRange(at, PREFIX + Long.BYTES, at.length);
    }

    static int partOf(byte[] at) {
        return at[PREFIX + Long.BYTES] & 0xff;
    }

    /// The slot of a key: 48 bits that nobody can make collide at will; never 0, which is where a scan begins and
    /// ends.
    static long slotFor(byte[] key) {
        byte[] hash = sha256().digest(key);
        return Math.max(1, ByteBuffer.wrap(hash).getLong() >>> (Long.SIZE - SLOT_BYTES * Byte.SIZE));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw Invariant.broken("this Java has no SHA-256: %s", e);
        }
    }

    private static byte[] number(byte prefix, long number, byte[] rest) {
        return ByteBuffer.allocate(PREFIX + Long.BYTES + rest.length)
                .put(prefix)
                .putLong(number)
                .put(rest)
                .array();
    }
}
