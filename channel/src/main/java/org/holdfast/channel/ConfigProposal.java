package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import org.holdfast.env.World;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// A config update that was found good, and what comes of it.
///
/// @param configEnvelope serialized `common.ConfigEnvelope`: the new config (map entries sorted by key, so that two
///     gates write the same bytes), and the update's envelope byte for byte as it was sent
/// @param next the new config; its block's number is [ChannelConfig#NO_BLOCK]
/// @param change what is different in it
public record ConfigProposal(ByteString configEnvelope, ChannelConfig next, ConfigChange change) {
    private static final int NONCE_BYTES = 24;

    /// The CONFIG envelope to be ordered, signed by the gate that judged the update. Shape: header type CONFIG, version
    /// 0, a time of whole seconds, no transaction id, as Fabric's orderers write it.
    ///
    /// @param signer this node's identity in an orderer organisation
    public EnvelopeView envelope(LocalIdentity signer, World world) {
        byte[] nonce = new byte[NONCE_BYTES];
        world.chance().nextBytes(nonce);
        ByteString channelHeader = ChannelHeader.newBuilder()
                .setType(HeaderType.CONFIG_VALUE)
                .setTimestamp(Timestamp.newBuilder()
                        .setSeconds(Math.floorDiv(world.clock().wallMillis(), 1000L)))
                .setChannelId(next.id().name())
                .build()
                .toByteString();
        ByteString signatureHeader = SignatureHeader.newBuilder()
                .setCreator(signer.creator())
                .setNonce(ByteString.copyFrom(nonce))
                .build()
                .toByteString();
        ByteString payload = Payload.newBuilder()
                .setHeader(Header.newBuilder().setChannelHeader(channelHeader).setSignatureHeader(signatureHeader))
                .setData(configEnvelope)
                .build()
                .toByteString();
        ByteString envelope = Envelope.newBuilder()
                .setPayload(payload)
                .setSignature(signer.sign(payload))
                .build()
                .toByteString();
        try {
            return EnvelopeView.of(envelope);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("an envelope made here can be read", e);
        }
    }
}
