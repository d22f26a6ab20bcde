package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Payload;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// What strangers send to change a config, and what a hostile log could hold: only the declared refusals leave, two
/// nodes give one answer, and nothing is taken whose update no recorded admin has signed (a fuzzer has no key).
class UpdateFuzzTest {
    private static final long NOW = Instant.parse("2027-01-01T00:00:00Z").toEpochMilli();
    private static final ByteString BASE = Golden.bytes("config-updates/base-normal.block");
    private static final ChannelConfig CONFIG = ChannelConfig.fromBlock(BASE, Golden.CRYPTO);
    private static final Set<ByteString> SIGNED = signed();

    /// A CONFIG_UPDATE envelope at the gate.
    @FuzzTest
    void propose(byte[] input) {
        Optional<EnvelopeView> update = view(ByteString.copyFrom(input));
        if (update.isEmpty()) {
            return;
        }
        UpdateContext context = UpdateContext.of(NOW, CONFIG);
        Object answer = proposed(CONFIG, update.get(), context);
        assertThat(proposed(ChannelConfig.fromBlock(BASE, Golden.CRYPTO), update.get(), context))
                .isEqualTo(answer);
        if (answer instanceof ByteString configEnvelope) {
            assertThat(SIGNED).contains(updateOf(update.get()));
            // What a gate takes, every node takes, and all have the same config then.
            EnvelopeView ordered = config(configEnvelope);
            ChannelConfig next = ConfigUpdates.of(CONFIG).validate(ordered, 1, NOW);
            assertThat(ConfigUpdates.of(CONFIG).follow(ordered, 1).tree()).isEqualTo(next.tree());
            assertThat(next.hazards()).isEmpty();
            assertThat(next.sequence()).isEqualTo(1);
        }
    }

    /// The bytes of the config envelope, or the refusal.
    private static Object proposed(ChannelConfig config, EnvelopeView update, UpdateContext context) {
        try {
            return ConfigUpdates.of(config).propose(update, context).configEnvelope();
        } catch (Refusal.Refused e) {
            assertThat(e.refusal().text()).isNotBlank();
            return e.refusal();
        }
    }

    /// A CONFIG envelope out of a record or a block.
    @FuzzTest
    void validate(byte[] input) {
        Optional<EnvelopeView> config = view(ByteString.copyFrom(input));
        if (config.isEmpty()) {
            return;
        }
        Object answer = validated(CONFIG, config.get());
        assertThat(validated(ChannelConfig.fromBlock(BASE, Golden.CRYPTO), config.get()))
                .isEqualTo(answer);
        if (answer instanceof org.hyperledger.fabric.protos.common.Config tree) {
            assertThat(ConfigUpdates.of(CONFIG).follow(config.get(), 1).tree()).isEqualTo(tree);
        }
    }

    /// The tree, or why there is none.
    private static Object validated(ChannelConfig config, EnvelopeView envelope) {
        try {
            return ConfigUpdates.of(config).validate(envelope, 1, NOW).tree();
        } catch (Refusal.Refused e) {
            assertThat(e.refusal().text()).isNotBlank();
            return e.refusal();
        } catch (AboveLevel e) {
            return String.valueOf(e.getMessage());
        }
    }

    /// The oracle holds: without the recorded signatures nothing would be accepted above.
    @Test
    void someRecordedUpdatesAreAccepted() {
        EnvelopeView update = view(Golden.bytes("config-updates/accepted/batch-timeout.envelope.pb"))
                .orElseThrow();
        assertThat(proposed(CONFIG, update, UpdateContext.of(NOW, CONFIG))).isInstanceOf(ByteString.class);
        assertThat(SIGNED).hasSizeGreaterThan(40);
    }

    private static Set<ByteString> signed() {
        Set<ByteString> found = new HashSet<>();
        JsonMapper.shared()
                .readTree(Golden.bytes("config-updates/cases.json").toByteArray())
                .get("cases")
                .forEach(recorded -> view(Golden.bytes(
                                "config-updates/" + recorded.get("envelope").asString()))
                        .ifPresent(view -> found.add(updateOf(view))));
        return found;
    }

    private static ByteString updateOf(EnvelopeView envelope) {
        try {
            return ConfigUpdateEnvelope.parseFrom(envelope.data()).getConfigUpdate();
        } catch (InvalidProtocolBufferException e) {
            return ByteString.EMPTY;
        }
    }

    private static EnvelopeView config(ByteString configEnvelope) {
        return view(Envelope.newBuilder()
                        .setPayload(Payload.newBuilder()
                                .setHeader(Header.newBuilder()
                                        .setChannelHeader(ChannelHeader.newBuilder()
                                                .setType(HeaderType.CONFIG_VALUE)
                                                .setChannelId(CONFIG.id().name())
                                                .build()
                                                .toByteString()))
                                .setData(configEnvelope)
                                .build()
                                .toByteString())
                        .build()
                        .toByteString())
                .orElseThrow();
    }

    private static Optional<EnvelopeView> view(ByteString bytes) {
        try {
            return Optional.of(EnvelopeView.of(bytes));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
    }
}
