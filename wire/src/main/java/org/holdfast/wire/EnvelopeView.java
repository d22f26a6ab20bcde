package org.holdfast.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// What an envelope says about itself. The parts point into the received bytes; nothing is copied or encoded again.
///
/// @param bytes the serialized `common.Envelope` as received
/// @param payload the bytes the signature covers
/// @param signature as sent
/// @param channelHeader decoded
/// @param creator serialized `msp.SerializedIdentity`, as sent
/// @param nonce as sent
/// @param data the payload's data
public record EnvelopeView(
        ByteString bytes,
        ByteString payload,
        ByteString signature,
        ChannelHeader channelHeader,
        ByteString creator,
        ByteString nonce,
        ByteString data) {
    /// Decodes an envelope's headers.
    ///
    /// @throws InvalidProtocolBufferException when the bytes are no envelope, or lack a header
    public static EnvelopeView of(ByteString bytes) throws InvalidProtocolBufferException {
        Envelope envelope = Decode.aliasing(Envelope.parser(), bytes);
        Payload payload = Decode.aliasing(Payload.parser(), envelope.getPayload());
        if (!payload.hasHeader()) {
            throw new InvalidProtocolBufferException("the payload has no header");
        }
        Header header = payload.getHeader();
        ChannelHeader channelHeader = Decode.aliasing(ChannelHeader.parser(), header.getChannelHeader());
        SignatureHeader signatureHeader = Decode.aliasing(SignatureHeader.parser(), header.getSignatureHeader());
        return new EnvelopeView(
                bytes,
                envelope.getPayload(),
                envelope.getSignature(),
                channelHeader,
                signatureHeader.getCreator(),
                signatureHeader.getNonce(),
                payload.getData());
    }

    /// Payload and signature bytes: what batch limits count.
    public int size() {
        return payload.size() + signature.size();
    }
}
