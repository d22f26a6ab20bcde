package org.holdfast.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.util.List;
import org.holdfast.wire.BlockHeader;

/// Builds serialized blocks around given bytes.
public final class BlockBytes {
    private BlockBytes() {}

    /// A serialized `common.Block`, equal to what protobuf would write for the same message. Envelopes are laid end
    /// to end into one array and never encoded again. (Linking them into a rope instead saves this one copy and costs
    /// a larger one each time somebody opens the block.)
    ///
    /// @param header the block's header
    /// @param data serialized envelopes as received
    /// @param metadata the slots, in order; empty slots count
    public static ByteString encode(BlockHeader header, List<ByteString> data, List<ByteString> metadata) {
        int headerSize = sizeOf(header);
        int dataSize = sizeOf(data);
        int metadataSize = sizeOf(metadata);
        byte[] bytes = new byte[framed(headerSize) + framed(dataSize) + framed(metadataSize)];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            open(out, 1, headerSize);
            write(out, header);
            open(out, 2, dataSize);
            write(out, data);
            open(out, 3, metadataSize);
            write(out, metadata);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new AssertionError("an array does not fail", e);
        }
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    private static void open(CodedOutputStream out, int field, int size) throws IOException {
        out.writeUInt32NoTag(BlockView.tagOf(field));
        out.writeUInt32NoTag(size);
    }

    private static int framed(int size) {
        return Math.addExact(1 + CodedOutputStream.computeUInt32SizeNoTag(size), size);
    }

    private static int sizeOf(BlockHeader header) {
        int number = header.number() == 0 ? 0 : CodedOutputStream.computeUInt64Size(1, header.number());
        return number + sizeOf(2, header.previousHash()) + sizeOf(3, header.dataHash());
    }

    private static int sizeOf(int field, ByteString hash) {
        return hash.isEmpty() ? 0 : CodedOutputStream.computeBytesSize(field, hash);
    }

    private static void write(CodedOutputStream out, BlockHeader header) throws IOException {
        if (header.number() != 0) {
            out.writeUInt64(1, header.number());
        }
        if (!header.previousHash().isEmpty()) {
            out.writeBytes(2, header.previousHash());
        }
        if (!header.dataHash().isEmpty()) {
            out.writeBytes(3, header.dataHash());
        }
    }

    private static int sizeOf(List<ByteString> elements) {
        int size = 0;
        for (ByteString element : elements) {
            size = Math.addExact(size, framed(element.size()));
        }
        return size;
    }

    private static void write(CodedOutputStream out, List<ByteString> elements) throws IOException {
        for (ByteString element : elements) {
            out.writeBytes(1, element);
        }
    }
}
