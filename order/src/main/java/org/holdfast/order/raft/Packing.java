package org.holdfast.order.raft;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.util.Optional;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.holdfast.env.Invariant;

/// Records as they lie in the log: packed when that makes them smaller. Envelopes of one record repeat the certificates
/// of their signers, and every byte of a record is written to the disks of all members and sent to all but one.
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 4 | size of the record, big-endian |
/// | 4 | n | the record as one LZ4 block (lz4_Block_format.md of the LZ4 project) |
final class Packing {
    /// Smaller ones are not worth the trouble.
    static final int BYTES_MIN = 1024;

    private static final int HEAD = 4;
    private static final LZ4Factory LZ4 = LZ4Factory.fastestInstance();
    private static final LZ4Compressor COMPRESSOR = LZ4.fastCompressor();
    private static final LZ4SafeDecompressor DECOMPRESSOR = LZ4.safeDecompressor();

    private Packing() {}

    /// @return empty when packing would save less than an eighth
    static Optional<ByteString> pack(ByteString record) {
        if (record.size() < BYTES_MIN) {
            return Optional.empty();
        }
        byte[] raw = record.toByteArray();
        byte[] packed = new byte[HEAD + raw.length - raw.length / 8];
        int size;
        try {
            size = COMPRESSOR.compress(raw, 0, raw.length, packed, HEAD, packed.length - HEAD);
        } catch (LZ4Exception tooLarge) {
            return Optional.empty();
        }
        ByteBuffer.wrap(packed).putInt(raw.length);
        return Optional.of(UnsafeByteOperations.unsafeWrap(packed, 0, HEAD + size));
    }

    /// The record again.
    ///
    /// @param limit bytes a record may have
    static ByteString unpack(ByteBuffer packed, int limit) {
        Invariant.check(packed.remaining() > HEAD, "a packed record has %d bytes", packed.remaining());
        byte[] block = new byte[packed.remaining() - HEAD];
        int size = packed.getInt();
        Invariant.check(size >= 0 && size <= limit, "a packed record unpacks to %d bytes, allowed are %d", size, limit);
        packed.get(block);
        byte[] raw = new byte[size];
        try {
            int written = DECOMPRESSOR.decompress(block, 0, block.length, raw, 0);
            Invariant.check(written == size, "a packed record of %d bytes unpacks to %d", size, written);
        } catch (LZ4Exception e) {
            throw Invariant.broken("a packed record does not unpack: %s", e);
        }
        return UnsafeByteOperations.unsafeWrap(raw);
    }
}
