package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.ledger.BlockView;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.Config;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.MSPPrincipal;
import org.hyperledger.fabric.protos.common.MSPRole;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.common.SignaturePolicy;
import org.hyperledger.fabric.protos.common.SignaturePolicyEnvelope;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.orderer.BroadcastResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Config updates sent to the Broadcast service over a socket, byte for byte; the accepted ones are in force
/// afterwards.
///
/// Oracle: what real Fabric orderers answered to them (`config-updates/cases.json`). Their keys were not kept, so the
/// node's organisation stands beside theirs in the base config: one more writer, which changes no majority.
@Timeout(120)
class GoldenUpdateTest {
    private static final long WHEN = Instant.parse("2027-01-01T00:00:00Z").toEpochMilli();
    private static final String OWN_MSP = "SignerMSP";
    /// The program's own limits: a running channel's consenters stay as they are.
    private static final Set<String> CONSENTERS = Set.of(
            "add-consenter",
            "remove-consenter",
            "rotate-consenter",
            "consenter-address",
            "consenters-reordered",
            "remove-dead",
            "maint-add-consenter");

    @TempDir
    static Path directory;

    private static final JumpingWorld WORLD = new JumpingWorld();
    private static final AtomicReference<OneChannel> SERVED = new AtomicReference<>();
    private static OrganizationFiles files;
    private static LocalIdentity signer;
    private static DoorSite site;
    private static RawClient client;

    @BeforeAll
    static void open() throws Exception {
        WORLD.jumpTo(WHEN);
        files = OrganizationFiles.write(
                WORLD,
                OneChannel.CRYPTO,
                directory.resolve("signer"),
                new OrganizationPlan("signer.example", OrganizationPlan.Kind.ORDERER, List.of(), List.of()));
        signer = LocalIdentity.load(WORLD.disk(), files.userMsp("Admin"), OWN_MSP, OneChannel.CRYPTO);
        site = new DoorSite(
                DoorSite.material(directory.resolve("site")),
                DoorSite.Kind.open(WORLD),
                id -> Optional.of(Objects.requireNonNull(SERVED.get()).orderer)
                        .filter(orderer -> orderer.config().id().equals(id)));
        client = site.client();
    }

    @AfterAll
    static void close() {
        client.close();
        site.close();
    }

    /// A channel that another engine orders is not served here.
    static Stream<String> names() {
        return StreamSupport.stream(recorded().spliterator(), false)
                .filter(one -> !one.get("base").asString().contains("kafka"))
                .map(one -> one.get("name").asString());
    }

    @ParameterizedTest
    @MethodSource("names")
    void recordedUpdatesGetTheRecordedAnswerAndAreInForceThen(String name) throws Exception {
        JsonNode recorded = StreamSupport.stream(recorded().spliterator(), false)
                .filter(one -> one.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
        ChannelConfig base = withOwn(recorded.get("base").asString());
        OneChannel channel =
                new OneChannel(WORLD, directory.resolve("ledger-" + name), bytes("base-normal.block"), base, signer);
        try (channel) {
            SERVED.set(channel);
            ByteString sent = bytes(recorded.get("envelope").asString());
            BroadcastResponse answer = client.broadcast().send(sent).answer();
            int status = recorded.get("status").asInt();
            boolean stricter = recorded.has("hazard") || CONSENTERS.contains(name);
            assertThat(answer.getStatusValue())
                    .as("%s: %s", name, answer.getInfo())
                    .isEqualTo(stricter ? 400 : status);
            if (answer.getStatusValue() != 200) {
                assertThat(answer.getInfo()).startsWith("HF-1");
                assertThat(channel.height()).isEqualTo(1);
                assertThat(channel.orderer.config().sequence()).isEqualTo(base.sequence());
                return;
            }
            assertThat(channel.orderer.config().sequence()).isEqualTo(base.sequence() + 1);
            await().until(() -> channel.height() == 2);
            BlockView block = BlockView.of(channel.stored(1));
            EnvelopeView envelope = EnvelopeView.of(block.data().getFirst());
            assertThat(block.data()).hasSize(1);
            assertThat(envelope.channelHeader().getType()).isEqualTo(HeaderType.CONFIG_VALUE);
            ConfigEnvelope config = ConfigEnvelope.parseFrom(envelope.data());
            assertThat(config.getLastUpdate().toByteString()).isEqualTo(sent);
            assertThat(config.getConfig()).isEqualTo(channel.orderer.config().tree());
        }
    }

    private static ChannelConfig withOwn(String base) {
        ChannelConfig config = ChannelConfig.fromBlock(bytes(base), OneChannel.CRYPTO);
        Config tree = config.tree();
        ConfigGroup.Builder root = tree.getChannelGroup().toBuilder();
        ConfigGroup.Builder orderers = root.getGroupsOrThrow("Orderer").toBuilder();
        orderers.putPolicies(
                "Writers",
                orderers.getPoliciesOrThrow("Writers").toBuilder()
                        .setPolicy(anyOf("OrdererMSP", OWN_MSP))
                        .build());
        ConfigGroup.Builder applications = root.getGroupsOrThrow("Application").toBuilder();
        ByteString msp = MSPConfig.newBuilder()
                .setConfig(MspDirectory.read(WORLD.disk(), files.msp(), OWN_MSP).toByteString())
                .build()
                .toByteString();
        ConfigGroup own = ConfigGroup.newBuilder()
                .setModPolicy("Admins")
                .putValues(
                        "MSP",
                        ConfigValue.newBuilder()
                                .setModPolicy("Admins")
                                .setValue(msp)
                                .build())
                .putPolicies(
                        "Writers",
                        ConfigPolicy.newBuilder()
                                .setModPolicy("Admins")
                                .setPolicy(anyOf(OWN_MSP))
                                .build())
                .build();
        applications.putGroups("Signer", own);
        root.putGroups("Orderer", orderers.build()).putGroups("Application", applications.build());
        return ChannelConfig.of(
                config.id(),
                config.blockNumber(),
                tree.toBuilder().setChannelGroup(root).build(),
                OneChannel.CRYPTO);
    }

    private static Policy anyOf(String... mspIds) {
        SignaturePolicyEnvelope.Builder policy = SignaturePolicyEnvelope.newBuilder();
        SignaturePolicy.NOutOf.Builder one = SignaturePolicy.NOutOf.newBuilder().setN(1);
        for (String mspId : mspIds) {
            one.addRules(SignaturePolicy.newBuilder().setSignedBy(policy.getIdentitiesCount()));
            policy.addIdentities(MSPPrincipal.newBuilder()
                    .setPrincipalClassification(MSPPrincipal.Classification.ROLE)
                    .setPrincipal(MSPRole.newBuilder()
                            .setMspIdentifier(mspId)
                            .setRole(MSPRole.MSPRoleType.MEMBER)
                            .build()
                            .toByteString()));
        }
        return Policy.newBuilder()
                .setType(Policy.PolicyType.SIGNATURE_VALUE)
                .setValue(policy.setRule(SignaturePolicy.newBuilder().setNOutOf(one))
                        .build()
                        .toByteString())
                .build();
    }

    private static JsonNode recorded() {
        return JsonMapper.shared().readTree(bytes("cases.json").toByteArray()).get("cases");
    }

    private static ByteString bytes(String path) {
        try (InputStream in = GoldenUpdateTest.class.getResourceAsStream("/fabric/config-updates/" + path)) {
            return ByteString.readFrom(Objects.requireNonNull(in, path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
