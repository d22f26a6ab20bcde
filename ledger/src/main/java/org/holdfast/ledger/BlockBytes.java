package org.holdfast.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.wire.BlockHeader;

/// Builds serialized blocks around given bytes.
public final class BlockBytes {
    private static final int HEADER_BYTES_MAX = 160;
    private static final int TAG_AND_LENGTH_MAX = 10;

    private BlockBytes() {}

    /// A serialized `common.Block`, equal to what protobuf would write for the same message. Large envelopes are linked
    /// into the result, not copied.
    ///
    /// @param header the block's header
    /// @param data serialized envelopes as received
    /// @param metadata the slots, in order; empty slots count
    public static ByteString encode(BlockHeader header, List<ByteString> data, List<ByteString> metadata) {
        ByteString head = withLength(1, header(header));
        return head.concat(withLength(2, repeated(data))).concat(withLength(3, repeated(metadata)));
    }

    private static ByteString header(BlockHeader header) {
        int size = header.previousHash().size() + header.dataHash().size() + HEADER_BYTES_MAX;
        byte[] bytes = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            if (header.number() != 0) {
                out.writeUInt64(1, header.number());
            }
            if (!header.previousHash().isEmpty()) {
                out.writeBytes(2, header.previousHash());
            }
            if (!header.dataHash().isEmpty()) {
                out.writeBytes(3, header.dataHash());
            }
            return ByteString.copyFrom(bytes, 0, out.getTotalBytesWritten());
        } catch (IOException e) {
            throw new AssertionError("an array does not fail", e);
        }
    }

    private static ByteString repeated(List<ByteString> elements) {
        List<ByteString> parts = new ArrayList<>(elements.size() * 2);
        for (ByteString element : elements) {
            parts.add(tagAndLength(1, element.size()));
            parts.add(element);
        }
        return ByteString.copyFrom(parts); // links, in a balanced tree
    }

    private static ByteString withLength(int field, ByteString content) {
        return tagAndLength(field, content.size()).concat(content);
    }

    private static ByteString tagAndLength(int field, int length) {
        byte[] bytes = new byte[TAG_AND_LENGTH_MAX];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeUInt32NoTag(BlockView.tagOf(field));
            out.writeUInt32NoTag(length);
            return UnsafeByteOperations.unsafeWrap(bytes, 0, out.getTotalBytesWritten());
        } catch (IOException e) {
            throw new AssertionError("an array does not fail", e);
        }
    }
}
