package org.holdfast.order.raft;

import java.util.OptionalInt;
import java.util.zip.CRC32C;
import org.holdfast.order.OrderedLog;

/// What a write that a power cut ended has left at the end of a segment. Ratis takes it for corruption and does not
/// open the log; but nothing in it was ever forced, so nobody was told of it, and it may go.
///
/// Told from corruption by this: an entry that does not fit its checksum was not written to its end when one of the
/// sectors that it lies in is as the file was made, zeros, or when it passes the end of the file. A wrong entry with
/// every sector written is corrupt, and so is one with more behind it than one entry may be long: both are left for
/// Ratis to refuse, and the node stays out rather than forget what it promised.
///
/// Format, from Ratis 3.3: 8 bytes of header, then for each entry its length (varint), its bytes and the CRC-32C of
/// both, big-endian, then zeros.
final class UnfinishedWrite {
    private static final int HEADER = 8;
    private static final int CHECKSUM = 4;
    /// What a disk writes as a whole, at least.
    private static final int SECTOR = 512;

    private static final int VARINT_BYTES_MAX = 5;
    /// The longest entry, with what Ratis adds to a record.
    private static final int ENTRY_BYTES_MAX = OrderedLog.RECORD_BYTES_MAX + (64 << 10);

    private final byte[] segment;
    /// Of the entry that was read last: where its bytes end, its checksum included.
    private long end;

    private UnfinishedWrite(byte[] segment) {
        this.segment = segment;
    }

    /// Where a segment's whole entries end, when an unfinished write follows; empty when none does.
    static OptionalInt in(byte[] segment) {
        return new UnfinishedWrite(segment).find();
    }

    private OptionalInt find() {
        int at = HEADER;
        while (at < segment.length && isWhole(at)) {
            at = (int) end;
        }
        int written = written();
        boolean torn = at < written && written - at <= ENTRY_BYTES_MAX && isUnfinished(at);
        return torn ? OptionalInt.of(at) : OptionalInt.empty();
    }

    /// Reads the entry at an offset.
    private boolean isWhole(int at) {
        long length = 0;
        int next = at;
        boolean more = true;
        for (int shift = 0; more; shift += 7, next++) {
            if (next >= segment.length || next - at >= VARINT_BYTES_MAX) {
                end = Long.MAX_VALUE;
                return false;
            }
            length |= (segment[next] & 0x7fL) << shift;
            more = segment[next] < 0;
        }
        end = next + length + CHECKSUM;
        if (length == 0 || end > segment.length) {
            return false;
        }
        CRC32C sum = new CRC32C();
        int content = (int) (end - CHECKSUM);
        sum.update(segment, at, content - at);
        return (int) sum.getValue() == checksum(content);
    }

    private int checksum(int at) {
        int value = 0;
        for (int i = 0; i < CHECKSUM; i++) {
            value = (value << 8) | (segment[at + i] & 0xff);
        }
        return value;
    }

    /// Offset behind the last byte that is not zero.
    private int written() {
        int last = segment.length;
        while (last > 0 && segment[last - 1] == 0) {
            last--;
        }
        return last;
    }

    /// Whether a sector of the wrong entry at an offset was never written. Where its length is zero, or more than the
    /// file has room for, nothing says how far it goes.
    private boolean isUnfinished(int at) {
        if (end > segment.length) {
            return true;
        }
        if (segment[at] == 0) {
            return isZero(at, Math.min(nextSector(at), segment.length));
        }
        for (int from = at; from < end; from = nextSector(from)) {
            if (isZero(from, (int) Math.min(nextSector(from), end))) {
                return true;
            }
        }
        return false;
    }

    private static int nextSector(int offset) {
        return (offset / SECTOR + 1) * SECTOR;
    }

    private boolean isZero(int from, int until) {
        for (int i = from; i < until; i++) {
            if (segment[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
