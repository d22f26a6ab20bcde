package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import org.holdfast.channel.BlockSignatures;
import org.holdfast.env.Chance;
import org.holdfast.env.Invariant;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.ledger.BlockBytes;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.LastConfig;
import org.hyperledger.fabric.protos.common.Metadata;
import org.hyperledger.fabric.protos.common.OrdererBlockMetadata;

/// Makes blocks of what the cutter cut, signs them as this node and appends them. Owned by the channel's loop.
///
/// Metadata slots as in Fabric: 0 SIGNATURES (value = OrdererBlockMetadata, one signature over value, signature
/// header and the header's DER bytes), 1 LAST_CONFIG (a zero-length entry while the last config is block 0), 2 to 4
/// empty.
final class BlockWriter {
    private static final int NONCE_BYTES = 24;

    private final Ledger ledger;
    private final LocalIdentity signer;
    private final Chance chance;

    BlockWriter(Ledger ledger, LocalIdentity signer, Chance chance) {
        this.ledger = ledger;
        this.signer = signer;
        this.chance = chance;
    }

    /// Appends the next block. Throws [org.holdfast.env.DiskFault] with nothing appended; the same call may be
    /// repeated.
    ///
    /// @param lastConfig number of the newest config block; a config block's own
    StoredBlock write(Cutter.Effect.Cut cut, long lastConfig) {
        BlockHeader tip = ledger.tip()
                .orElseThrow(() -> Invariant.broken("no block 0 in the ledger"))
                .header();
        BlockHeader header = BlockHeader.after(tip, cut.envelopes());
        StoredBlock block = new StoredBlock(
                header, BlockBytes.encode(header, cut.envelopes(), metadata(header, cut.metadata(), lastConfig)));
        ledger.append(block);
        return block;
    }

    /// The consenter metadata of a block: slot 0, or slot 3 when slot 0 has no value. Empty for block 0.
    static ByteString consenterMetadata(StoredBlock block) {
        try {
            BlockView view = block.view();
            Metadata signatures = Decode.aliasing(Metadata.parser(), view.slot(0));
            if (signatures.getValue().isEmpty()) {
                return Decode.aliasing(Metadata.parser(), view.slot(3)).getValue();
            }
            OrdererBlockMetadata value = Decode.aliasing(OrdererBlockMetadata.parser(), signatures.getValue());
            return Decode.aliasing(Metadata.parser(), value.getConsenterMetadata())
                    .getValue();
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("metadata of stored block %d does not decode: %s", block.number(), Decode.reason(e));
        }
    }

    private List<ByteString> metadata(BlockHeader header, ByteString consenterMetadata, long lastConfig) {
        ByteString value = OrdererBlockMetadata.newBuilder()
                .setLastConfig(LastConfig.newBuilder().setIndex(lastConfig))
                .setConsenterMetadata(Metadata.newBuilder()
                        .setValue(consenterMetadata)
                        .build()
                        .toByteString())
                .build()
                .toByteString();
        byte[] nonce = new byte[NONCE_BYTES];
        chance.nextBytes(nonce);
        ByteString signatures = BlockSignatures.sign(signer, header, value, ByteString.copyFrom(nonce));
        ByteString last = lastConfig == 0
                ? ByteString.EMPTY
                : Metadata.newBuilder()
                        .setValue(LastConfig.newBuilder()
                                .setIndex(lastConfig)
                                .build()
                                .toByteString())
                        .build()
                        .toByteString();
        return List.of(signatures, last, ByteString.EMPTY, ByteString.EMPTY, ByteString.EMPTY);
    }
}
