package org.holdfast.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.holdfast.env.Invariant;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.HeaderType;

/// A block as a reader of `HEADER_WITH_SIG` gets it: header and metadata, from which the signatures can be verified. A
/// config block is given whole, because who may sign stands in it.
///
/// Source of the form: Fabric 3's deliver service (`SeekInfo.content_type`).
final class SignedHeader {
    /// `common.HeaderType`; the generated constant is deprecated, the blocks are not gone.
    private static final int ORDERER_TRANSACTION = 4;

    private SignedHeader() {}

    /// The bytes of a serialized `common.Block`; what is left of it is as it was stored.
    static ByteString of(StoredBlock block) {
        try {
            return isConfig(block.view()) ? block.bytes() : withoutData(block.bytes());
        } catch (IOException e) {
            throw Invariant.broken("stored block %d does not decode: %s", block.number(), Decode.reason(e));
        }
    }

    private static boolean isConfig(BlockView block) {
        if (block.data().isEmpty()) {
            return false;
        }
        try {
            int type = EnvelopeView.of(block.data().getFirst()).channelHeader().getType();
            return type == HeaderType.CONFIG_VALUE || type == ORDERER_TRANSACTION;
        } catch (InvalidProtocolBufferException notFromHere) {
            // Our own gate orders no such envelope, but blocks of another orderer may hold one: no config, surely.
            return false;
        }
    }

    private static ByteString withoutData(ByteString bytes) throws IOException {
        CodedInputStream in = bytes.newCodedInput();
        ByteString left = ByteString.EMPTY;
        int begun = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            in.skipField(tag);
            int end = in.getTotalBytesRead();
            if (WireFormat.getTagFieldNumber(tag) != Block.DATA_FIELD_NUMBER) {
                left = left.concat(bytes.substring(begun, end));
            }
            begun = end;
        }
        return left;
    }
}
