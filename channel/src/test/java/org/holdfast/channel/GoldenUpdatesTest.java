package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.holdfast.env.Clock;
import org.holdfast.env.World;
import org.holdfast.identity.Authority;
import org.holdfast.identity.Issued;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.Role;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Oracle: config updates answered by real orderers 2.5.12 and 2.2.15 (`config-updates/cases.json`), and the config
/// blocks they wrote. What they accepted to their harm is refused here, and followed when it stands in a block.
class GoldenUpdatesTest {
    private static final World WORLD = World.real();
    private static final Clock CLOCK = at(Instant.parse("2027-01-01T00:00:00Z").toEpochMilli());
    private static final Map<String, ChannelConfig> BASES = new ConcurrentHashMap<>();
    private static final List<JsonNode> CASES = cases();
    /// Of nobody's organisation: the recorded orderers' keys are not here.
    private static final LocalIdentity STRANGER = stranger();

    /// What our words must hold where they are not the recorded ones.
    private static final Map<String, String> PHRASES = Map.ofEntries(
            Map.entry("full-write-set", "final checks: message payload is 7"),
            Map.entry("no-read-set", "error validating DeltaSet: attempt to set key [Group]  /Channel"),
            Map.entry("unknown-channel-capability-added", "Channel capability V9_9 is required but not supported"),
            Map.entry("add-consenter-expired-cert", "x509: certificate has expired or is not yet valid"),
            Map.entry("metadata-garbage", "failed to unmarshal new etcdraft metadata configuration"),
            Map.entry(
                    "max-message-count-zero",
                    "Attempted to set the batch size max message count to an invalid value: 0"),
            Map.entry("batch-timeout-zero", "Attempted to set the batch timeout to a non-positive value: 0s"),
            Map.entry("data-hash-width", "BlockDataHashStructure width only supported at MaxUint32"),
            Map.entry("unknown-group", "initializing channelconfig failed: Disallowed channel group"),
            Map.entry("msp-bad-root", "initializing channelconfig failed: /Channel/Application/Org1/MSP"),
            Map.entry("unknown-value-name", "initializing channelconfig failed: Unexpected key Colour"),
            Map.entry("garbage-config-update", "error converting envelope to config update"),
            Map.entry("kafka-maint-type-garbage-metadata", "failed to unmarshal etcdraft metadata configuration"));

    private static final Set<String> MEMBERS_CHANGE = Set.of(
            "add-consenter",
            "remove-consenter",
            "rotate-consenter",
            "consenter-address",
            "consenters-reordered",
            "remove-dead",
            "maint-add-consenter");

    static Stream<String> named() {
        return CASES.stream().map(GoldenUpdatesTest::name);
    }

    @ParameterizedTest
    @MethodSource("named")
    void everyRecordedUpdateGetsTheRecordedVerdict(String name) throws Exception {
        JsonNode recorded = byName(name);
        ChannelConfig base = base(recorded.get("base").asString());
        EnvelopeView sent = EnvelopeView.of(
                Golden.bytes("config-updates/" + recorded.get("envelope").asString()));
        int status = recorded.get("status").asInt();
        Optional<Refusal> refusal = verdict(base, sent, context(recorded, base));
        if (recorded.has("hazard")) {
            assertThat(refusal).as("a hazard").isPresent();
            assertThat(refusal.orElseThrow().code().status()).isEqualTo(400);
        } else if (status == 200) {
            assertThat(refusal).isEmpty();
        } else {
            assertThat(refusal).isPresent();
            assertThat(refusal.orElseThrow().code().status()).isEqualTo(status);
            String phrase = PHRASES.getOrDefault(name, recorded.get("info").asString());
            assertThat(refusal.orElseThrow().text()).contains(phrase);
        }
    }

    /// On a channel that runs, members stay as they are for now; all else that was accepted is accepted there, too.
    @ParameterizedTest
    @MethodSource("written")
    void withFixedMembersOnlyUpdatesOfTheListAreRefused(String name) throws Exception {
        JsonNode recorded = byName(name);
        ChannelConfig base = base(recorded.get("base").asString());
        if (recorded.has("hazard") || !base.consensusType().equals(RaftMetadata.TYPE)) {
            return;
        }
        EnvelopeView sent = EnvelopeView.of(
                Golden.bytes("config-updates/" + recorded.get("envelope").asString()));
        Optional<Refusal> refusal = verdict(base, sent, context(recorded, base).withFixedConsenters());
        if (MEMBERS_CHANGE.contains(name)) {
            assertThat(refusal.orElseThrow().code()).isEqualTo(Code.UPDATES_NOT_SUPPORTED);
            assertThat(refusal.orElseThrow().text()).contains("does not change a running channel's consenters");
        } else {
            assertThat(refusal).isEmpty();
        }
    }

    private static Optional<Refusal> verdict(ChannelConfig base, EnvelopeView sent, UpdateContext context) {
        Optional<Refusal> initial = Admission.checkUpdate(sent, base, CLOCK, true);
        if (initial.isPresent()) {
            return initial;
        }
        try {
            ConfigProposal proposal = ConfigUpdates.of(base).propose(sent, context);
            return Admission.checkProposed(proposal.envelope(STRANGER, WORLD), base, CLOCK, true)
                    .filter(found -> found.code() != Code.POLICY_NOT_SATISFIED);
        } catch (Refusal.Refused e) {
            return Optional.of(e.refusal());
        }
    }

    private static UpdateContext context(JsonNode recorded, ChannelConfig base) {
        UpdateContext context = UpdateContext.of(CLOCK.wallMillis(), base);
        if (recorded.has("context") && !recorded.get("context").isNull()) {
            Set<String> alive = new HashSet<>();
            for (JsonNode number : recorded.get("context").get("consenters_alive")) {
                alive.add(base.consenters().get(number.asInt() - 1).seat());
            }
            context = context.hearing(alive);
        }
        // The process was not restarted after the switch.
        return recorded.get("base").asString().contains("kafka-switched") ? context.running("kafka") : context;
    }

    static Stream<String> written() {
        return CASES.stream()
                .filter(recorded ->
                        recorded.has("result") && !recorded.get("result").isNull())
                .map(GoldenUpdatesTest::name);
    }

    @ParameterizedTest
    @MethodSource("written")
    void whatRealOrderersWroteIsFollowedAndGivesTheirTree(String name) throws Exception {
        JsonNode recorded = byName(name);
        JsonNode result = recorded.get("result");
        ChannelConfig base = base(recorded.get("base").asString());
        String block = "config-updates/" + result.get("block").asString();
        EnvelopeView config = EnvelopeView.of(Golden.block(block).getData().getData(0));
        long number = result.get("block_number").asLong();
        ChannelConfig next = ConfigUpdates.of(base).follow(config, number);
        assertThat(next.tree()).isEqualTo(Golden.config(block).tree());
        assertThat(next.sequence()).isEqualTo(result.get("config_sequence").asLong());
        assertThat(next.blockNumber()).isEqualTo(number);
        assertThat(digest(next.tree().getChannelGroup()))
                .isEqualTo(result.get("config_group_canonical_sha256").asString());
        // Every node's question of a record keeps to what Fabric checks, so the harmful ones pass it as well.
        assertThat(ConfigUpdates.of(base)
                        .validate(config, number, CLOCK.wallMillis())
                        .tree())
                .isEqualTo(next.tree());
        List<String> changes = new ArrayList<>();
        result.get("changes").forEach(change -> changes.add(change.get("path").asString()));
        assertThat(ConfigChange.between(base, next).elements())
                .map(key -> key.substring(key.indexOf('/')))
                .containsExactlyInAnyOrderElementsOf(changes);
    }

    @ParameterizedTest
    @MethodSource("written")
    void ourOwnConfigEnvelopeIsTheRecordedOneButForItsSigner(String name) throws Exception {
        JsonNode recorded = byName(name);
        if (recorded.has("hazard")) {
            return;
        }
        ChannelConfig base = base(recorded.get("base").asString());
        ByteString envelope =
                Golden.bytes("config-updates/" + recorded.get("envelope").asString());
        ConfigProposal proposal = ConfigUpdates.of(base).propose(EnvelopeView.of(envelope), context(recorded, base));
        ConfigEnvelope ours = ConfigEnvelope.parseFrom(proposal.configEnvelope());
        ByteString block = Golden.block(
                        "config-updates/" + recorded.get("result").get("block").asString())
                .getData()
                .getData(0);
        assertThat(ours)
                .isEqualTo(ConfigEnvelope.parseFrom(EnvelopeView.of(block).data()));
        assertThat(ours.getLastUpdate().toByteString()).isEqualTo(envelope);
        assertThat(proposal.next().tree()).isEqualTo(ours.getConfig());
        EnvelopeView wrapped = proposal.envelope(STRANGER, WORLD);
        assertThat(ConfigUpdates.of(base)
                        .validate(wrapped, 7, CLOCK.wallMillis())
                        .tree())
                .isEqualTo(ours.getConfig());
    }

    /// These were computed by configtxlator 2.5.12; the others by hand.
    @Test
    void computedUpdatesEqualConfigtxlators() throws Exception {
        List<String> equal = new ArrayList<>();
        List<String> different = new ArrayList<>();
        for (JsonNode recorded : CASES) {
            if (!recorded.has("result") || recorded.get("result").isNull()) {
                continue;
            }
            ChannelConfig base = base(recorded.get("base").asString());
            ConfigGroup updated = Golden.config("config-updates/"
                            + recorded.get("result").get("block").asString())
                    .tree()
                    .getChannelGroup();
            ConfigUpdate sent = update(recorded);
            if (name(recorded).equals("member-without-parent-bump")) {
                continue; // nothing came of it
            }
            (ConfigUpdates.compute(base.id(), base.tree().getChannelGroup(), updated)
                                    .equals(sent)
                            ? equal
                            : different)
                    .add(name(recorded));
        }
        assertThat(different)
                .as("put together by hand, with more than is needed")
                .containsExactly("full-orderer-values");
        assertThat(equal).hasSizeGreaterThan(25);
    }

    @Test
    void equalTreesHaveNoUpdateBetweenThem() {
        ConfigGroup tree =
                Golden.config("config-updates/base-normal.block").tree().getChannelGroup();
        var id = Golden.config("config-updates/base-normal.block").id();
        assertThatThrownBy(() -> ConfigUpdates.compute(id, tree, tree)).hasMessageContaining("no differences");
    }

    private static ConfigUpdate update(JsonNode recorded) throws InvalidProtocolBufferException {
        EnvelopeView sent = EnvelopeView.of(
                Golden.bytes("config-updates/" + recorded.get("envelope").asString()));
        return ConfigUpdate.parseFrom(
                ConfigUpdateEnvelope.parseFrom(sent.data()).getConfigUpdate());
    }

    private static String digest(ConfigGroup tree) throws IOException, NoSuchAlgorithmException {
        ByteString.Output bytes = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        tree.writeTo(out);
        out.flush();
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(bytes.toByteString().toByteArray()));
    }

    private static ChannelConfig base(String file) {
        return BASES.computeIfAbsent(file, name -> Golden.config("config-updates/" + name));
    }

    private static String name(JsonNode recorded) {
        return recorded.get("name").asString();
    }

    private static JsonNode byName(String name) {
        return CASES.stream()
                .filter(recorded -> name(recorded).equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<JsonNode> cases() {
        List<JsonNode> found = new ArrayList<>();
        JsonMapper.shared()
                .readTree(Golden.bytes("config-updates/cases.json").toByteArray())
                .get("cases")
                .forEach(found::add);
        return found;
    }

    private static LocalIdentity stranger() {
        Authority authority = Authority.create(WORLD, Golden.CRYPTO, "stranger.test", "ca.stranger.test");
        Issued issued = authority.member("node", Role.ORDERER);
        return LocalIdentity.of("StrangerMSP", issued.certificate(), issued.key(), Golden.CRYPTO);
    }

    private static Clock at(long wallMillis) {
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
