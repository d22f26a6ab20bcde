package org.holdfast.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import org.holdfast.wire.BlockHeader;

/// A block as it lies in the ledger and goes to readers.
///
/// @param header decoded from the bytes
/// @param bytes serialized `common.Block` (header, data, metadata), never encoded again
public record StoredBlock(BlockHeader header, ByteString bytes) {
    /// A received block with its header decoded; nothing is copied.
    ///
    /// @throws InvalidProtocolBufferException when the bytes are no block
    public static StoredBlock of(ByteString bytes) throws InvalidProtocolBufferException {
        return new StoredBlock(BlockView.headerOf(bytes), bytes);
    }

    /// Decodes the whole block.
    ///
    /// @throws InvalidProtocolBufferException when the bytes are no block
    public BlockView view() throws InvalidProtocolBufferException {
        return BlockView.of(bytes);
    }

    public long number() {
        return header.number();
    }

    /// Size in bytes, as stored and sent.
    public int size() {
        return bytes.size();
    }
}
