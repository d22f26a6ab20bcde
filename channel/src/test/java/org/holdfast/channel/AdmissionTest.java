package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.holdfast.env.Clock;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.Envelope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Oracle: what a real orderer 2.5.12 answered to these very envelopes.
class AdmissionTest {
    /// After the fixtures were made, before their certificates end; the expired ones had ended.
    private static final long WHEN = Instant.parse("2027-01-01T00:00:00Z").toEpochMilli();

    /// Which channel an envelope is for is asked before the channel's config is.
    private static final Set<String> ABOUT_THE_CHANNEL =
            Set.of("unknown-channel", "illegal-channel", "unknown-channel-config-update");
    /// Answered where envelopes are decoded; the real orderer ends the gRPC call or finds no header.
    private static final Set<String> UNDECODABLE = Set.of(
            "empty-envelope",
            "empty-payload",
            "empty-header",
            "garbage-payload",
            "claimed-length-too-large",
            "outer-claimed-length-too-large");
    /// The real orderer accepts these, we do not: docs/decisions/0004.
    private static final Map<String, Code> STRICTER = Map.of(
            "tx-unknown-field", Code.MALFORMED_ENVELOPE,
            "signature-trailing-byte", Code.POLICY_NOT_SATISFIED);

    static Stream<JsonNode> cases() {
        JsonNode file = JsonMapper.shared()
                .readTree(Golden.bytes("envelopes/cases.json").toByteArray());
        return StreamSupport.stream(file.get("cases").spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void recordedEnvelopesGetTheRecordedStatus(JsonNode recorded) throws Exception {
        String name = recorded.get("name").asString();
        ByteString bytes = Golden.bytes("envelopes/" + recorded.get("file").asString());
        if (UNDECODABLE.contains(name)) {
            assertThat(recorded.get("status").asInt(400)).isEqualTo(400);
            assertThat(undecodableOrEmpty(bytes)).as(name).isTrue();
            return;
        }
        EnvelopeView envelope = EnvelopeView.of(bytes);
        ChannelConfig config = Golden.config(recorded.get("base").asString());
        if (ABOUT_THE_CHANNEL.contains(name)) {
            assertThat(envelope.channelHeader().getChannelId())
                    .isNotEqualTo(config.id().name());
            return;
        }
        if ("no-channel-header".equals(name)) {
            assertThat(envelope.channelHeader().getChannelId()).isEmpty();
            return;
        }
        Optional<Refusal> refusal = Admission.check(Admission.framed(envelope), config, clock(WHEN));
        Code stricter = STRICTER.get(name);
        if (stricter != null) {
            assertThat(recorded.get("status").asInt()).isEqualTo(200);
            assertThat(refusal.map(Refusal::code)).as("%s: %s", name, refusal).contains(stricter);
            return;
        }
        int status = refusal.map(found -> found.code().status()).orElse(200);
        assertThat(status)
                .as("%s: %s", name, refusal)
                .isEqualTo(recorded.get("status").asInt());
        refusal.ifPresent(
                found -> assertThat(found.text()).contains(recorded.get("info").asString()));
    }

    @Test
    void aFrameInAnotherOrderIsWrittenAnewAndOneWithMoreInItIsNot() throws Exception {
        EnvelopeView reversed = envelope("tx-fields-reversed");
        EnvelopeView framed = Admission.framed(reversed);
        assertThat(CanonicalForm.holds(reversed.bytes())).isFalse();
        assertThat(CanonicalForm.holds(framed.bytes())).isTrue();
        assertThat(framed.payload()).isEqualTo(reversed.payload());
        assertThat(framed.signature()).isEqualTo(reversed.signature());
        EnvelopeView extended = envelope("tx-unknown-field");
        assertThat(Admission.framed(extended)).isSameAs(extended);
        EnvelopeView good = envelope("tx-endorser");
        assertThat(Admission.framed(good)).isSameAs(good);
    }

    @Test
    void theTextNamesWhyASignatureDidNotCount() throws Exception {
        assertThat(refusalOf("foreign-ca").text()).contains("not issued by an authority of this MSP");
        assertThat(refusalOf("foreign-msp").text()).contains("Org3MSP");
        assertThat(refusalOf("high-s").text()).contains("high S");
        assertThat(refusalOf("no-role-ou").text()).contains("exactly one unit");
    }

    @Test
    void configUpdatesAreRefusedWithTheirOwnCode() throws Exception {
        EnvelopeView update = envelope("unknown-channel-config-update");
        ChannelConfig config = Golden.config("config-updates/base-normal.block");
        assertThat(Admission.check(update, config, clock(WHEN)).map(Refusal::code))
                .contains(Code.UPDATES_NOT_SUPPORTED);
    }

    @Test
    void aCreatorIsGoodUntilTheEndOfItsCertificate() throws Exception {
        EnvelopeView envelope = envelope("tx-endorser");
        ChannelConfig config = Golden.config("config-updates/base-normal.block");
        long end = config.msps().expiryMillis(envelope.creator()).orElseThrow();
        assertThat(Admission.check(envelope, config, clock(end))).isEmpty();
        assertThat(Admission.check(envelope, config, clock(end + 1)).map(Refusal::code))
                .contains(Code.IDENTITY_INVALID);
        assertThat(Admission.check(envelope, config, clock(end + 1), false)).isEmpty();
    }

    @Test
    void readersAreAdmittedByTheirPolicyAndDuringMaintenanceByTheOrderers() throws Exception {
        EnvelopeView user = envelope("tx-endorser");
        EnvelopeView orderer = envelope("maint-normal-by-orderer-admin");
        ChannelConfig normal = Golden.config("config-updates/base-normal.block");
        ChannelConfig maintenance = Golden.config("config-updates/base-maintenance.block");
        assertThat(Admission.checkReader(user, normal, clock(WHEN))).isEmpty();
        assertThat(Admission.checkReader(orderer, normal, clock(WHEN))).isEmpty();
        assertThat(Admission.checkReader(orderer, maintenance, clock(WHEN))).isEmpty();
        assertThat(Admission.checkReader(user, maintenance, clock(WHEN)).map(Refusal::code))
                .contains(Code.SEEK_FORBIDDEN);
        assertThat(Admission.checkReader(envelope("expired-creator"), normal, clock(WHEN))
                        .map(Refusal::text))
                .contains("deliver client identity expired");
        EnvelopeView revoked = envelope("crl-revoked-user");
        ChannelConfig revoking = Golden.config("config-updates/accepted/crl-added.result.block");
        assertThat(Admission.checkReader(revoked, revoking, clock(WHEN)).map(Refusal::code))
                .contains(Code.SEEK_FORBIDDEN);
    }

    @Test
    void onlyWhatAnEncoderWritesIsCanonical() throws Exception {
        ByteString good = Golden.bytes("envelopes/tx-endorser.envelope.pb");
        Envelope parsed = Envelope.parseFrom(good);
        assertThat(CanonicalForm.holds(good)).isTrue();
        assertThat(parsed.toByteString()).isEqualTo(good);
        assertThat(CanonicalForm.holds(ByteString.EMPTY)).isTrue();
        assertThat(CanonicalForm.holds(good.concat(good))).as("twice").isFalse();
        assertThat(CanonicalForm.holds(good.concat(ByteString.copyFrom(new byte[1]))))
                .isFalse();
        assertThat(CanonicalForm.holds(good.substring(0, good.size() - 1))).isFalse();
        assertThat(CanonicalForm.holds(good.concat(ByteString.copyFrom(new byte[] {0x18, 1}))))
                .as("a field of another number")
                .isFalse();
        assertThat(CanonicalForm.holds(withLongLength(parsed)))
                .as("a longer length than needed")
                .isFalse();
        assertThat(CanonicalForm.holds(ByteString.copyFrom(new byte[] {0x0a, 0})))
                .as("an empty field")
                .isFalse();
        assertThat(CanonicalForm.holds(ByteString.copyFrom(new byte[] {0x0a, -1, -1, -1, -1, -1, 1})))
                .as("an endless length")
                .isFalse();
    }

    private static ByteString withLongLength(Envelope envelope) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        int size = envelope.getPayload().size();
        out.writeRawByte(0x0a);
        out.writeRawByte((size & 0x7f) | 0x80);
        out.writeRawByte(((size >>> 7) & 0x7f) | 0x80);
        out.writeRawByte(((size >>> 14) & 0x7f) | 0x80);
        out.writeRawByte(0);
        out.writeRawBytes(envelope.getPayload());
        out.writeBytes(2, envelope.getSignature());
        out.flush();
        return ByteString.copyFrom(bytes.toByteArray());
    }

    private static boolean undecodableOrEmpty(ByteString bytes) {
        try {
            return EnvelopeView.of(bytes).channelHeader().getChannelId().isEmpty();
        } catch (InvalidProtocolBufferException e) {
            return true;
        }
    }

    private static EnvelopeView envelope(String name) throws InvalidProtocolBufferException {
        return EnvelopeView.of(Golden.bytes("envelopes/" + name + ".envelope.pb"));
    }

    private static Refusal refusalOf(String name) throws InvalidProtocolBufferException {
        ChannelConfig config = Golden.config("config-updates/base-normal.block");
        return Admission.check(envelope(name), config, clock(WHEN)).orElseThrow();
    }

    private static Clock clock(long wallMillis) {
        return new Clock() {
            @Override
            public long wallMillis() {
                return wallMillis;
            }

            @Override
            public long nanos() {
                return 0;
            }
        };
    }
}
