package org.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Arrays;
import java.util.Random;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Oracle: envelopes that were sent to Fabric orderer 2.5.12, well-formed and not.
class EnvelopeViewTest {
    private static final int MUTATIONS = 3_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tx-endorser",
                "tx-message",
                "tx-fields-reversed",
                "tx-unknown-field",
                "tx-no-data",
                "empty-nonce"
            })
    void aWellFormedEnvelopeSaysWhoAndWhere(String name) throws InvalidProtocolBufferException {
        ByteString bytes = Golden.bytes("envelopes/" + name + ".pb");
        EnvelopeView view = EnvelopeView.of(bytes);
        Envelope envelope = Envelope.parseFrom(bytes);
        assertThat(view.bytes()).isSameAs(bytes);
        assertThat(view.payload()).isEqualTo(envelope.getPayload());
        assertThat(view.signature()).isEqualTo(envelope.getSignature()).isNotEmpty();
        assertThat(view.channelHeader().getChannelId()).isEqualTo("fixch");
        assertThat(view.creator().toStringUtf8()).contains("-----BEGIN CERTIFICATE-----");
        assertThat(view.nonce().isEmpty()).isEqualTo(name.equals("empty-nonce"));
        assertThat(view.data().isEmpty()).isEqualTo(name.equals("tx-no-data"));
        assertThat(view.size())
                .isEqualTo(
                        envelope.getPayload().size() + envelope.getSignature().size());
    }

    @Test
    void typesAreTold() throws InvalidProtocolBufferException {
        assertThat(EnvelopeView.of(Golden.bytes("envelopes/tx-endorser.pb"))
                        .channelHeader()
                        .getType())
                .isEqualTo(HeaderType.ENDORSER_TRANSACTION_VALUE);
        assertThat(EnvelopeView.of(Golden.bytes("envelopes/tx-message.pb"))
                        .channelHeader()
                        .getType())
                .isEqualTo(HeaderType.MESSAGE_VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "empty-envelope",
                "empty-payload",
                "garbage-payload",
                "claimed-length-too-large",
                "outer-claimed-length-too-large"
            })
    void whatIsNoEnvelopeIsSaidSo(String name) {
        ByteString bytes = Golden.bytes("envelopes/" + name + ".pb");
        assertThatThrownBy(() -> EnvelopeView.of(bytes)).isInstanceOf(InvalidProtocolBufferException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-channel-header"})
    void aMissingChannelHeaderNamesNoChannel(String name) throws InvalidProtocolBufferException {
        EnvelopeView view = EnvelopeView.of(Golden.bytes("envelopes/" + name + ".pb"));
        assertThat(ChannelId.isValid(view.channelHeader().getChannelId())).isFalse();
    }

    @Test
    void aMissingSignatureHeaderNamesNoCreator() throws InvalidProtocolBufferException {
        EnvelopeView view = EnvelopeView.of(Golden.bytes("envelopes/no-signature-header.pb"));
        assertThat(view.creator().isEmpty()).isTrue();
    }

    /// Seeded: a failure repeats. Only the declared exception may come out of a mutilated envelope.
    @Test
    void mutilatedEnvelopesAreDecodedOrRefused() {
        Random random = new Random(42);
        byte[] sound = Golden.bytes("envelopes/tx-endorser.pb").toByteArray();
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bad = mutilated(sound, random);
            try {
                EnvelopeView view = EnvelopeView.of(ByteString.copyFrom(bad));
                assertThat(view.size()).isLessThanOrEqualTo(bad.length);
            } catch (InvalidProtocolBufferException expected) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1, MUTATIONS - 1);
    }

    @Test
    void randomBytesAreDecodedOrRefused() {
        Random random = new Random(43);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            try {
                assertThat(EnvelopeView.of(ByteString.copyFrom(noise)).size()).isLessThan(64);
            } catch (InvalidProtocolBufferException expected) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    private static byte[] mutilated(byte[] sound, Random random) {
        byte[] bad = sound.clone();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            // Mostly near the start, where tags and lengths are.
            int at = random.nextBoolean() ? random.nextInt(64) : random.nextInt(bad.length);
            bad[at] = (byte) random.nextInt(256);
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad;
    }
}
