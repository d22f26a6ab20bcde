package org.holdfast.order.raft;

import java.nio.ByteBuffer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.holdfast.env.Invariant;
import org.holdfast.order.OrderedLog;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Position;

/// What the leader puts before a record in the log.
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 1 | version, 1 |
/// | 1 | 1 | flags: bit 0 = cut after this record, bit 1 = the record is packed ([Packing]); the others are 0 |
/// | 2 | 8 | the leader's clock, milliseconds since the Unix epoch, big-endian |
/// | 10 | n | the record, as it was appended or packed |
///
/// @param timeMillis the leader's clock
/// @param cutAfter whether the block ends with this record
/// @param packed whether the record is packed
record Stamp(long timeMillis, boolean cutAfter, boolean packed) {
    static final int BYTES = 10;
    private static final byte VERSION = 1;
    private static final int CUT_AFTER = 1;
    private static final int PACKED = 2;

    /// The log entry's content. The record is not copied.
    ByteString before(ByteString record) {
        byte[] head = new byte[BYTES];
        head[0] = VERSION;
        head[1] = (byte) ((cutAfter ? CUT_AFTER : 0) | (packed ? PACKED : 0));
        for (int i = 0; i < Long.BYTES; i++) {
            head[2 + i] = (byte) (timeMillis >>> (56 - 8 * i));
        }
        return UnsafeByteOperations.unsafeWrap(head).concat(record);
    }

    /// Takes an entry's content apart. A record that is not packed is not copied when the
    /// content lies in one piece.
    static Entry read(Position position, ByteString content) {
        Invariant.check(content.size() >= BYTES, "log entry %s has %d bytes", position, content.size());
        Invariant.check(content.byteAt(0) == VERSION, "log entry %s has stamp version %d", position, content.byteAt(0));
        int flags = content.byteAt(1);
        Invariant.check(
                (flags & ~(CUT_AFTER | PACKED)) == 0, "log entry %s has unknown stamp flags %d", position, flags);
        long time = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            time = (time << 8) | (content.byteAt(2 + i) & 0xff);
        }
        ByteBuffer rest = content.substring(BYTES).asReadOnlyByteBuffer();
        com.google.protobuf.ByteString record = (flags & PACKED) == 0
                ? com.google.protobuf.UnsafeByteOperations.unsafeWrap(rest)
                : Packing.unpack(rest, OrderedLog.RECORD_BYTES_MAX);
        return new Entry(position, time, (flags & CUT_AFTER) != 0, record);
    }
}
