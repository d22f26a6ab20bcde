package org.holdfast.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.util.Optional;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// What an envelope's headers lack, in the words Fabric's orderer has for it and its clients look for. Asked only about
/// envelopes that are refused anyway.
final class HeaderFault {
    private static final String NO_CHANNEL = "could not determine channel ID: ";

    private HeaderFault() {}

    /// @return empty when all headers can be decoded
    static Optional<String> of(ByteString bytes) {
        try {
            Envelope envelope = part(Envelope.parser(), bytes, "Envelope");
            Payload payload = part(Payload.parser(), envelope.getPayload(), NO_CHANNEL, "Payload");
            if (!payload.hasHeader()) {
                return Optional.of(NO_CHANNEL + "header not set");
            }
            Header header = payload.getHeader();
            if (header.getChannelHeader().isEmpty()) {
                return Optional.of(NO_CHANNEL + "channel header not set");
            }
            part(ChannelHeader.parser(), header.getChannelHeader(), NO_CHANNEL, "ChannelHeader");
            part(
                    SignatureHeader.parser(),
                    header.getSignatureHeader(),
                    "could not convert message to signedData: ",
                    "SignatureHeader");
            return Optional.empty();
        } catch (Undecodable e) {
            return Optional.of(Decode.reason(e));
        }
    }

    private static <T> T part(Parser<T> parser, ByteString bytes, String name) throws Undecodable {
        return part(parser, bytes, "", name);
    }

    private static <T> T part(Parser<T> parser, ByteString bytes, String where, String name) throws Undecodable {
        try {
            return Decode.aliasing(parser, bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new Undecodable(where + "error unmarshalling " + name + ": " + Decode.reason(e));
        }
    }

    private static final class Undecodable extends Exception {
        private static final long serialVersionUID = 1L;

        private Undecodable(String text) {
            super(text, null, false, false);
        }
    }
}
