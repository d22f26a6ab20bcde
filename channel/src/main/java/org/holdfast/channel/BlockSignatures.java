package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.wire.BlockHeader;
import org.hyperledger.fabric.protos.common.Metadata;
import org.hyperledger.fabric.protos.common.MetadataSignature;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// The signatures of a block: metadata slot 0, `common.Metadata` whose signatures cover value, signature header and the
/// header's DER bytes, in that order.
public final class BlockSignatures {
    private BlockSignatures() {}

    /// Slot 0 of a block, signed by one orderer.
    ///
    /// @param value serialized `OrdererBlockMetadata`
    /// @param nonce fresh for every block, 24 bytes
    public static ByteString sign(LocalIdentity signer, BlockHeader header, ByteString value, ByteString nonce) {
        ByteString signatureHeader = SignatureHeader.newBuilder()
                .setCreator(signer.creator())
                .setNonce(nonce)
                .build()
                .toByteString();
        ByteString signature = signer.sign(value, signatureHeader, ByteString.copyFrom(header.der()));
        return Metadata.newBuilder()
                .setValue(value)
                .addSignatures(MetadataSignature.newBuilder()
                        .setSignatureHeader(signatureHeader)
                        .setSignature(signature))
                .build()
                .toByteString();
    }

    /// What was signed by whom.
    ///
    /// @param slot metadata slot 0 as received
    /// @throws InvalidProtocolBufferException when the slot or a signature header is undecodable
    public static List<SignedMessage> messages(BlockHeader header, ByteString slot)
            throws InvalidProtocolBufferException {
        Metadata metadata = Metadata.parseFrom(slot);
        ByteString der = ByteString.copyFrom(header.der());
        List<SignedMessage> messages = new ArrayList<>();
        for (MetadataSignature signature : metadata.getSignaturesList()) {
            ByteString signatureHeader = signature.getSignatureHeader();
            messages.add(new SignedMessage(
                    SignatureHeader.parseFrom(signatureHeader).getCreator(),
                    metadata.getValue().concat(signatureHeader).concat(der),
                    signature.getSignature()));
        }
        return messages;
    }

    /// Whether a block's signatures satisfy [ChannelConfig#BLOCK_VALIDATION] of the config valid before it.
    public static PolicyVerdict verify(ChannelConfig config, BlockHeader header, ByteString slot) {
        try {
            return config.evaluate(ChannelConfig.BLOCK_VALIDATION, messages(header, slot));
        } catch (InvalidProtocolBufferException e) {
            return PolicyVerdict.no("the signatures of block %s cannot be decoded: %s"
                    .formatted(Long.toUnsignedString(header.number()), e.getMessage()));
        }
    }
}
