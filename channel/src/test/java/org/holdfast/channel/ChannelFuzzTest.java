package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.holdfast.env.Clock;
import org.holdfast.identity.BadMaterial;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Orderers;

/// What strangers and members send for a channel to judge: nothing but the declared exceptions leaves, the same bytes
/// get the same answer, and nothing is admitted that the recorded signers have not signed (a fuzzer has no key).
class ChannelFuzzTest {
    private static final Clock CLOCK =
            clock(Instant.parse("2027-01-01T00:00:00Z").toEpochMilli());
    private static final ByteString GENESIS = Golden.bytes("config-updates/base-normal.block");
    private static final ChannelConfig CONFIG = ChannelConfig.fromBlock(GENESIS, Golden.CRYPTO);
    private static final List<EnvelopeView> RECORDED = recorded();
    private static final Set<ByteString> SIGNED = signed();
    private static final BlockHeader BLOCK = Golden.header(Golden.block("blocks/blkch/orderer1/01.block"));
    private static final ChannelConfig BLOCK_CONFIG = Golden.config("blocks/genesis-2.5-blkch.block");
    /// What two recorded orderers signed of that block.
    private static final List<ByteString> BLOCK_SIGNED = Stream.of("orderer1", "orderer2")
            .map(orderer -> Golden.block("blocks/blkch/" + orderer + "/01.block"))
            .flatMap(block ->
                    messages(block.getMetadata().getMetadata(0)).stream().map(SignedMessage::message))
            .toList();

    private static final List<String> PATHS = List.of(
            ChannelConfig.WRITERS,
            ChannelConfig.READERS,
            ChannelConfig.ORDERER_READERS,
            ChannelConfig.BLOCK_VALIDATION,
            "/Channel/Admins",
            "/Channel/Application/Org1MSP/Admins",
            "/Channel/Application/Endorsement");

    /// A config block, as `join` and later config blocks bring it; then its policies judge recorded signatures.
    @FuzzTest
    void config(byte[] input) {
        ByteString bytes = ByteString.copyFrom(input);
        ChannelConfig config;
        try {
            config = ChannelConfig.fromBlock(bytes, Golden.CRYPTO);
        } catch (MalformedConfig refused) {
            assertThat(refused.faults()).isNotEmpty().allMatch(fault -> !fault.isBlank());
            assertThat(faults(bytes)).isEqualTo(refused.faults());
            return;
        }
        sound(config);
        ChannelConfig again = ChannelConfig.fromBlock(bytes, Golden.CRYPTO);
        assertThat(again).hasToString(config.toString());
        assertThat(again.hazards()).isEqualTo(config.hazards());
        assertThat(again.consenters()).isEqualTo(config.consenters());
        assertThat(again.tree()).isEqualTo(config.tree());
        List<SignedMessage> messages = RECORDED.stream().map(SignedMessage::of).toList();
        for (String path : PATHS) {
            PolicyVerdict verdict = config.evaluate(path, messages);
            assertThat(again.evaluate(path, messages)).isEqualTo(verdict);
            assertThat(config.evaluate(path, messages)).isEqualTo(verdict);
            assertThat(verdict.reason().isEmpty()).isEqualTo(verdict.satisfied());
        }
    }

    private static List<String> faults(ByteString bytes) {
        try {
            ChannelConfig.fromBlock(bytes, Golden.CRYPTO);
            return List.of();
        } catch (MalformedConfig refused) {
            return refused.faults();
        }
    }

    private static void sound(ChannelConfig config) {
        assertThat(config.batchSize().maxMessages()).isPositive();
        assertThat(config.batchSize().preferredMaxBytes())
                .isBetween(1, config.batchSize().absoluteMaxBytes());
        assertThat(config.batchTimeout()).isPositive();
        assertThat(config.options().tickInterval()).isPositive();
        assertThat(config.options().electionTicks())
                .isGreaterThan(config.options().heartbeatTicks());
        config.consenters().forEach(consenter -> {
            assertThat(consenter.port()).isBetween(1, 65_535);
            assertThat(new MemberId(consenter.seat(), 1).seat()).isEqualTo(consenter.seat());
        });
        assertThat(config.tlsRoots()).containsAll(config.ordererTlsRoots());
        assertThat(config.ordererAddresses()).doesNotHaveDuplicates();
    }

    /// An envelope for a channel, and a reader's request. Oracle: protobuf's encoder says what is canonical.
    @FuzzTest
    void admission(byte[] input) {
        ByteString bytes = ByteString.copyFrom(input);
        assertThat(CanonicalForm.holds(bytes)).isEqualTo(encodesTheSame(bytes));
        EnvelopeView envelope;
        try {
            envelope = EnvelopeView.of(bytes);
        } catch (InvalidProtocolBufferException undecodable) {
            return;
        }
        ChannelConfig fresh = ChannelConfig.fromBlock(GENESIS, Golden.CRYPTO);
        Optional<Refusal> refusal = Admission.check(envelope, CONFIG, CLOCK);
        assertThat(Admission.check(envelope, fresh, CLOCK)).isEqualTo(refusal);
        assertThat(Admission.check(envelope, fresh, CLOCK)).isEqualTo(refusal);
        refusal.ifPresent(found -> assertThat(found.text()).isNotBlank());
        Optional<Refusal> reader = Admission.checkReader(envelope, CONFIG, CLOCK);
        assertThat(Admission.checkReader(envelope, fresh, CLOCK)).isEqualTo(reader);
        if (refusal.isEmpty() || reader.isEmpty()) {
            assertThat(SIGNED).contains(envelope.payload());
        }
        if (refusal.isEmpty()) {
            assertThat(encodesTheSame(bytes)).isTrue();
            assertThat(envelope.size()).isLessThanOrEqualTo(CONFIG.batchSize().absoluteMaxBytes());
        }
    }

    private static boolean encodesTheSame(ByteString bytes) {
        try {
            Envelope parsed = Envelope.parseFrom(bytes);
            return Envelope.newBuilder()
                    .setPayload(parsed.getPayload())
                    .setSignature(parsed.getSignature())
                    .build()
                    .toByteString()
                    .equals(bytes);
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    /// Metadata slot 0 of a block that a member sent.
    @FuzzTest
    void signatures(byte[] input) {
        ByteString slot = ByteString.copyFrom(input);
        PolicyVerdict verdict = BlockSignatures.verify(BLOCK_CONFIG, BLOCK, slot);
        assertThat(BlockSignatures.verify(BLOCK_CONFIG, BLOCK, slot)).isEqualTo(verdict);
        if (verdict.satisfied()) {
            assertThat(messages(slot)).extracting(SignedMessage::message).containsAnyElementsOf(BLOCK_SIGNED);
        }
    }

    private static List<SignedMessage> messages(ByteString slot) {
        try {
            return BlockSignatures.messages(BLOCK, slot);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("what was verified decodes", e);
        }
    }

    /// One policy of a config, with any number of signers.
    @FuzzTest
    void policy(byte[] input) {
        Policy policy;
        try {
            policy = Policy.of(ConfigPolicy.parseFrom(input));
        } catch (InvalidProtocolBufferException | BadMaterial refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return;
        }
        if (policy instanceof Policy.BySignature bySignature) {
            var signers = RECORDED.stream()
                    .limit(3)
                    .map(envelope -> CONFIG.msps().identity(envelope.creator()))
                    .toList();
            for (int i = 0; i <= signers.size(); i++) {
                java.util.BitSet used = new java.util.BitSet();
                boolean holds = bySignature.root().holds(signers.subList(0, i), used);
                assertThat(used.length()).isLessThanOrEqualTo(i);
                assertThat(bySignature.root().holds(signers.subList(0, i), new java.util.BitSet()))
                        .isEqualTo(holds);
            }
        }
    }

    /// `ConsensusType.metadata`: a hazard, never an exception. And durations as text.
    @FuzzTest
    void metadata(byte[] input) {
        var read = RaftMetadata.read(
                RaftMetadata.TYPE, ConsensusState.NORMAL, ByteString.copyFrom(input), orderers(input));
        assertThat(read.consenters().isEmpty() && read.hazards().isEmpty()).isFalse();
        assertThat(read.options().tickInterval()).isPositive();
        Duration length = GoDuration.parse(new String(input, StandardCharsets.UTF_8));
        if (length != null) {
            assertThat(GoDuration.parse(GoDuration.format(length))).isEqualTo(length);
        }
    }

    private static Orderers orderers(byte[] input) {
        try {
            return Orderers.parseFrom(input);
        } catch (InvalidProtocolBufferException e) {
            return Orderers.getDefaultInstance();
        }
    }

    private static List<EnvelopeView> recorded() {
        List<EnvelopeView> found = new ArrayList<>();
        for (String name : List.of("tx-endorser", "tx-admin", "maint-normal-by-orderer-admin")) {
            found.add(view(Golden.bytes("envelopes/" + name + ".envelope.pb")).orElseThrow());
        }
        return List.copyOf(found);
    }

    /// Every payload that a recorded key has signed.
    private static Set<ByteString> signed() {
        Set<ByteString> found = new HashSet<>();
        try {
            Path directory = Path.of(Objects.requireNonNull(ChannelFuzzTest.class.getResource("/fabric/envelopes"))
                    .toURI());
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file :
                        files.filter(name -> name.toString().endsWith(".pb")).toList()) {
                    view(ByteString.copyFrom(Files.readAllBytes(file))).ifPresent(view -> found.add(view.payload()));
                }
            }
            for (int number = 0; number <= 7; number++) {
                String path = number == 0
                        ? "blocks/genesis-2.5-blkch.block"
                        : "blocks/blkch/orderer1/%02d.block".formatted(number);
                for (ByteString envelope :
                        Block.parseFrom(Golden.bytes(path)).getData().getDataList()) {
                    view(envelope).ifPresent(view -> found.add(view.payload()));
                }
            }
        } catch (IOException | URISyntaxException e) {
            throw new AssertionError(e);
        }
        return found;
    }

    private static Optional<EnvelopeView> view(ByteString bytes) {
        try {
            return Optional.of(EnvelopeView.of(bytes));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
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
