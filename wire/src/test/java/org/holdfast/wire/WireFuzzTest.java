package org.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.holdfast.wire.proto.BlocksRequest;
import org.holdfast.wire.proto.ConsenterMetadata;
import org.holdfast.wire.proto.Record;
import org.holdfast.wire.proto.RendezvousReply;
import org.holdfast.wire.proto.RendezvousRequest;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// Any bytes either decode, and then mean what protobuf's own decoder says they mean, or are refused with the one
/// declared exception.
class WireFuzzTest {
    private static final List<Parser<? extends Message>> MESSAGES = List.of(
            Record.parser(),
            ConsenterMetadata.parser(),
            RendezvousRequest.parser(),
            RendezvousReply.parser(),
            SubmitRequest.parser(),
            SubmitReply.parser(),
            BlocksRequest.parser());

    /// An envelope as Broadcast and Deliver receive it. Oracle: the generated parsers, without aliasing.
    @FuzzTest
    void envelope(byte[] input) throws InvalidProtocolBufferException {
        ByteString bytes = ByteString.copyFrom(input);
        EnvelopeView view;
        try {
            view = EnvelopeView.of(bytes);
        } catch (InvalidProtocolBufferException refused) {
            assertThat(decodes(input)).isFalse();
            return;
        }
        assertThat(view).isEqualTo(EnvelopeView.of(bytes));
        assertThat(view.bytes()).isSameAs(bytes);
        Envelope envelope = Envelope.parseFrom(input);
        Payload payload = Payload.parseFrom(envelope.getPayload());
        SignatureHeader signer = SignatureHeader.parseFrom(payload.getHeader().getSignatureHeader());
        assertThat(view.payload()).isEqualTo(envelope.getPayload());
        assertThat(view.signature()).isEqualTo(envelope.getSignature());
        assertThat(view.channelHeader())
                .isEqualTo(ChannelHeader.parseFrom(payload.getHeader().getChannelHeader()));
        assertThat(view.creator()).isEqualTo(signer.getCreator());
        assertThat(view.nonce()).isEqualTo(signer.getNonce());
        assertThat(view.data()).isEqualTo(payload.getData());
        assertThat(view.size()).isBetween(0, input.length);
    }

    private static boolean decodes(byte[] input) {
        try {
            Payload payload = Payload.parseFrom(Envelope.parseFrom(input).getPayload());
            ChannelHeader channel = ChannelHeader.parseFrom(payload.getHeader().getChannelHeader());
            SignatureHeader signer =
                    SignatureHeader.parseFrom(payload.getHeader().getSignatureHeader());
            return payload.hasHeader() && channel.isInitialized() && signer.isInitialized();
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    /// What members say to each other. Oracle: what was decoded is the same after encoding and decoding it again.
    @FuzzTest
    void messages(byte[] input) throws InvalidProtocolBufferException {
        ByteString bytes = ByteString.copyFrom(input);
        for (Parser<? extends Message> parser : MESSAGES) {
            Message message;
            try {
                message = Decode.aliasing(parser, bytes);
            } catch (InvalidProtocolBufferException refused) {
                assertThat(Decode.reason(refused)).isNotEmpty();
                continue;
            }
            assertThat(message).isEqualTo(parser.parseFrom(input));
            assertThat(parser.parseFrom(message.toByteString())).isEqualTo(message);
        }
    }

    /// A header of any size has DER bytes that say the same again. Oracle: BouncyCastle's ASN.1 reader.
    ///
    /// @param input number (8 bytes), length of the first hash (3 bytes), both hashes
    @FuzzTest
    void header(byte[] input) {
        if (input.length < 11) {
            return;
        }
        ByteString all = ByteString.copyFrom(input);
        long number = all.asReadOnlyByteBuffer().getLong();
        ByteString hashes = all.substring(11);
        int wanted = (input[8] & 0xff) << 16 | (input[9] & 0xff) << 8 | (input[10] & 0xff);
        int split = Math.min(wanted, hashes.size());
        BlockHeader header = new BlockHeader(number, hashes.substring(0, split), hashes.substring(split));
        ASN1Sequence read = ASN1Sequence.getInstance(header.der());
        assertThat(read.size()).isEqualTo(3);
        assertThat(ASN1Integer.getInstance(read.getObjectAt(0)).getValue())
                .isEqualTo(new java.math.BigInteger(Long.toUnsignedString(number)));
        assertThat(ASN1OctetString.getInstance(read.getObjectAt(1)).getOctets())
                .isEqualTo(header.previousHash().toByteArray());
        assertThat(ASN1OctetString.getInstance(read.getObjectAt(2)).getOctets())
                .isEqualTo(header.dataHash().toByteArray());
        assertThat(header.hash()).isEqualTo(new BlockHeader(number, header.previousHash(), header.dataHash()).hash());
    }

    /// Names from the network: they are ids exactly when they have an id's form, and print as they were read.
    @FuzzTest
    void names(byte[] input) {
        String text = new String(input, java.nio.charset.StandardCharsets.UTF_8);
        boolean member;
        try {
            assertThat(MemberId.parse(text)).hasToString(text);
            member = true;
        } catch (IllegalArgumentException refused) {
            member = false;
        }
        assertThat(member).isEqualTo(text.matches("[0-9a-f]{16}\\.[1-9][0-9]{0,8}"));
        if (ChannelId.isValid(text)) {
            assertThat(new ChannelId(text)).hasToString(text);
            assertThat(text.length()).isBetween(1, 249);
        }
    }
}
