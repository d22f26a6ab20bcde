package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import org.holdfast.ledger.BlockView;
import org.holdfast.wire.Decode;
import org.holdfast.wire.proto.ConsenterMetadata;
import org.hyperledger.fabric.protos.common.Metadata;
import org.hyperledger.fabric.protos.common.OrdererBlockMetadata;

/// Reads what a block's metadata say, for the rules.
final class Metadatas {
    private Metadatas() {}

    /// Serialized consenter metadata; empty for block 0.
    static ByteString consenter(BlockView view) {
        try {
            ByteString value = Decode.aliasing(Metadata.parser(), view.slot(0)).getValue();
            ByteString inner =
                    Decode.aliasing(OrdererBlockMetadata.parser(), value).getConsenterMetadata();
            return Decode.aliasing(Metadata.parser(), inner).getValue();
        } catch (InvalidProtocolBufferException e) {
            throw new Violation("ChainHolds", "metadata do not decode", e);
        }
    }

    /// The config block that a block names.
    static long lastConfig(BlockView view) {
        try {
            ByteString value = Decode.aliasing(Metadata.parser(), view.slot(0)).getValue();
            return Decode.aliasing(OrdererBlockMetadata.parser(), value)
                    .getLastConfig()
                    .getIndex();
        } catch (InvalidProtocolBufferException e) {
            throw new Violation("ChainHolds", "metadata do not decode", e);
        }
    }

    static ConsenterMetadata progress(ByteString consenter) {
        try {
            return Decode.aliasing(ConsenterMetadata.parser(), consenter);
        } catch (InvalidProtocolBufferException e) {
            throw new Violation("ChainHolds", "consenter metadata do not decode", e);
        }
    }
}
