package org.holdfast.channel;

import com.google.protobuf.ByteString;
import org.holdfast.wire.EnvelopeView;

/// Bytes somebody signed.
///
/// @param creator serialized `msp.SerializedIdentity`
/// @param message what the signature covers; parts joined with [ByteString#concat], which does not copy
/// @param signature DER
public record SignedMessage(ByteString creator, ByteString message, ByteString signature) {
    /// An envelope: its signature covers its payload.
    public static SignedMessage of(EnvelopeView envelope) {
        return new SignedMessage(envelope.creator(), envelope.payload(), envelope.signature());
    }
}
