package org.holdfast.order;

import com.google.protobuf.InvalidProtocolBufferException;
import org.holdfast.env.Invariant;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.wire.Decode;
import org.holdfast.wire.proto.ConsenterMetadata;

/// What a block's metadata says about the block, the same on every node. Readers of a feed that must agree with those
/// of other nodes go by it.
public final class BlockMarks {
    private BlockMarks() {}

    /// The time of the last record that the block was cut from: milliseconds since the Unix epoch, never less than that
    /// of the block before; 0 for block 0.
    public static long timeMillis(StoredBlock block) {
        try {
            return Decode.aliasing(ConsenterMetadata.parser(), BlockWriter.consenterMetadata(block))
                    .getProgress()
                    .getTimeMillis();
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken(
                    "the consenter metadata of block %d does not decode: %s", block.number(), Decode.reason(e));
        }
    }

    /// Number of the config block whose config is in force behind the block; a config block's own.
    public static long lastConfig(StoredBlock block) {
        return ConfigBlocks.named(block);
    }
}
