package org.holdfast.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import org.holdfast.env.Disk;

/// Reads the records of one open segment. Keeps no position: any number of readers may share the file.
final class Records {
    private static final int SEARCH_CHUNK = 1 << 20;

    private final Segment segment;
    private final Disk.DiskFile file;

    Records(Segment segment, Disk.DiskFile file) {
        this.segment = segment;
        this.file = file;
    }

    /// What lies at an offset.
    sealed interface Found {
        /// A whole record.
        ///
        /// @param next offset behind the record
        record Sound(StoredBlock block, long next) implements Found {}

        /// The file ends exactly here.
        record End() implements Found {}

        /// Something else.
        ///
        /// @param resume where the next record would begin if this one's header can be believed, else the next byte
        record Bad(LedgerFault.Corrupt fault, long resume) implements Found {}
    }

    /// The block that the index says lies there; anything else is damage.
    static StoredBlock read(Segment segment, Disk.DiskFile file, BlockIndex.Location location, long number) {
        return switch (new Records(segment, file).at(location.offset())) {
            case Found.Sound sound when sound.block().number() == number -> sound.block();
            case Found.Sound sound ->
                throw corrupt(
                        segment,
                        location,
                        "block %d where the index says %d"
                                .formatted(sound.block().number(), number));
            case Found.End end -> throw corrupt(segment, location, "block %d is gone".formatted(number));
            case Found.Bad bad -> throw new UnreadableLedger(bad.fault());
        };
    }

    private static UnreadableLedger corrupt(Segment segment, BlockIndex.Location location, String reason) {
        return new UnreadableLedger(new LedgerFault.Corrupt(segment.path(), location.offset(), reason));
    }

    /// The record at an offset.
    Found at(long offset) {
        ByteBuffer head = ByteBuffer.allocate(Segment.RECORD_HEADER);
        int got = file.read(head, offset);
        if (got == 0) {
            return new Found.End();
        }
        if (got < Segment.RECORD_HEADER) {
            return bad(offset, "a record header of %d bytes".formatted(got), offset + got);
        }
        if (!segment.isRecordHeader(head, 0)) {
            return bad(offset, "no record header", offset + 1);
        }
        int length = head.getInt(16);
        long next = offset + Segment.RECORD_HEADER + length;
        if (next > file.size()) {
            return bad(offset, "the record of block %d ends behind the file".formatted(head.getLong(8)), next);
        }
        byte[] body = new byte[length];
        int read = file.read(ByteBuffer.wrap(body), offset + Segment.RECORD_HEADER);
        if (read < length || Segment.crc(body, length) != head.getInt(20)) {
            return bad(offset, "the checksum of block %d differs".formatted(head.getLong(8)), next);
        }
        return decoded(offset, head.getLong(8), body);
    }

    private Found decoded(long offset, long number, byte[] body) {
        long next = offset + Segment.RECORD_HEADER + body.length;
        ByteString bytes = UnsafeByteOperations.unsafeWrap(body);
        try {
            StoredBlock block = StoredBlock.of(bytes);
            if (block.number() != number) {
                return bad(offset, "block %d lies in the record of block %d".formatted(block.number(), number), next);
            }
            return new Found.Sound(block, next);
        } catch (InvalidProtocolBufferException e) {
            return bad(offset, "block %d cannot be decoded: %s".formatted(number, e.getMessage()), next);
        }
    }

    /// Offset of the first sound record of a block with at least a number, at or after an offset; -1 when there is
    /// none.
    long soundAfter(long offset, long number) {
        ByteBuffer chunk = ByteBuffer.allocate(SEARCH_CHUNK);
        long size = file.size();
        long at = offset;
        while (at + Segment.RECORD_HEADER <= size) {
            chunk.clear();
            int got = file.read(chunk, at);
            for (int i = 0; i + Segment.RECORD_HEADER <= got; i++) {
                boolean candidate = segment.isRecordHeader(chunk, i) && chunk.getLong(i + 8) >= number;
                if (candidate && at(at + i) instanceof Found.Sound) {
                    return at + i;
                }
            }
            if (got <= Segment.RECORD_HEADER) {
                return -1;
            }
            at += got - Segment.RECORD_HEADER + 1;
        }
        return -1;
    }

    private Found bad(long offset, String reason, long resume) {
        return new Found.Bad(new LedgerFault.Corrupt(segment.path(), offset, reason), resume);
    }
}
