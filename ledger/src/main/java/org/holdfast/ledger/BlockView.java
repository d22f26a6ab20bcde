package org.holdfast.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.Decode;
import org.jspecify.annotations.Nullable;

/// A decoded block whose parts point into the received bytes.
///
/// Fields of `common.Block`: header = 1 {number = 1, previous_hash = 2, data_hash = 3}, data = 2 {repeated bytes data
/// = 1}, metadata = 3 {repeated bytes metadata = 1}.
///
/// @param header as the block says, hashes not checked
/// @param data serialized `common.Envelope`, one per transaction
/// @param metadata slots 0 SIGNATURES, 1 LAST_CONFIG, 2 TRANSACTIONS_FILTER, 3 ORDERER, 4 COMMIT_HASH; possibly fewer
public record BlockView(BlockHeader header, List<ByteString> data, List<ByteString> metadata) {
    private static final int HEADER = 1;
    private static final int DATA = 2;
    private static final int METADATA = 3;

    /// Decodes a serialized `common.Block`.
    ///
    /// @throws InvalidProtocolBufferException when the bytes are no block, or have not exactly one header
    public static BlockView of(ByteString bytes) throws InvalidProtocolBufferException {
        List<ByteString> data = new ArrayList<>();
        List<ByteString> metadata = new ArrayList<>();
        @Nullable BlockHeader header = walk(bytes, data, metadata);
        return new BlockView(require(header), List.copyOf(data), List.copyOf(metadata));
    }

    /// Decodes the header alone.
    ///
    /// @throws InvalidProtocolBufferException when the bytes are no block, or have not exactly one header
    public static BlockHeader headerOf(ByteString bytes) throws InvalidProtocolBufferException {
        return require(walk(bytes, null, null));
    }

    /// A metadata slot, empty when the block has fewer slots.
    public ByteString slot(int index) {
        return index < metadata.size() ? metadata.get(index) : ByteString.EMPTY;
    }

    /// Whether the header's data hash is the hash of the data.
    public boolean dataHashHolds() {
        return BlockHeader.dataHash(data).equals(header.dataHash());
    }

    private static BlockHeader require(@Nullable BlockHeader header) throws InvalidProtocolBufferException {
        if (header == null) {
            throw new InvalidProtocolBufferException("the block has no header");
        }
        return header;
    }

    private static @Nullable BlockHeader walk(
            ByteString bytes, @Nullable List<ByteString> data, @Nullable List<ByteString> metadata)
            throws InvalidProtocolBufferException {
        try {
            CodedInputStream in = aliasing(bytes);
            BlockHeader header = null;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == tagOf(HEADER) && header != null) {
                    // Protobuf would merge them, others take the last: nobody shall be led to read another block.
                    throw new InvalidProtocolBufferException("the block has two headers");
                } else if (tag == tagOf(HEADER)) {
                    header = header(in.readBytes());
                } else if (tag == tagOf(DATA) && data != null) {
                    elements(in.readBytes(), data);
                } else if (tag == tagOf(METADATA) && metadata != null) {
                    elements(in.readBytes(), metadata);
                } else if (!in.skipField(tag)) {
                    throw new InvalidProtocolBufferException("a group ends where none began");
                }
            }
            in.checkLastTagWas(0);
            return header;
        } catch (InvalidProtocolBufferException e) {
            throw e;
        } catch (IOException e) {
            throw new InvalidProtocolBufferException(e);
        }
    }

    private static BlockHeader header(ByteString bytes) throws InvalidProtocolBufferException {
        var message = Decode.aliasing(org.hyperledger.fabric.protos.common.BlockHeader.parser(), bytes);
        return new BlockHeader(message.getNumber(), message.getPreviousHash(), message.getDataHash());
    }

    private static void elements(ByteString bytes, List<ByteString> into) throws IOException {
        CodedInputStream in = aliasing(bytes);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == tagOf(1)) {
                into.add(in.readBytes());
            } else if (!in.skipField(tag)) {
                throw new InvalidProtocolBufferException("a group ends where none began");
            }
        }
    }

    private static CodedInputStream aliasing(ByteString bytes) {
        CodedInputStream in = bytes.newCodedInput();
        in.enableAliasing(true);
        return in;
    }

    static int tagOf(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }
}
