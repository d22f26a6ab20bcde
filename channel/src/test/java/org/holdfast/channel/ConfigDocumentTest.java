package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Configs as documents and back. Oracles: the recorded configs of Fabric 2.2 and 2.5, and for edits the trees that
/// real orderers made of the same change (`accepted/*.result.block`).
class ConfigDocumentTest {
    private static final Disk DISK = World.real().disk();
    private static final String BASE = "config-updates/base-normal.block";

    static Stream<String> configs() {
        return ConfigJsonTest.blocks().filter(file -> config(file).hasValues());
    }

    /// Reads a block's tree, when it is one of a config.
    private record Tree(ConfigGroup root) {
        boolean hasValues() {
            return root.getValuesCount() > 0;
        }
    }

    private static Tree config(String file) {
        try {
            EnvelopeView envelope = EnvelopeView.of(Golden.block(file).getData().getData(0));
            return new Tree(
                    envelope.channelHeader().getType() == 1
                            ? ConfigEnvelope.parseFrom(envelope.data())
                                    .getConfig()
                                    .getChannelGroup()
                            : ConfigGroup.getDefaultInstance());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static ConfigGroup tree(String file) {
        return config(file).root();
    }

    @ParameterizedTest
    @MethodSource("configs")
    void anUneditedDocumentGivesTheVeryTree(String file) {
        ConfigGroup tree = tree(file);
        ConfigDocument document = ConfigDocument.of(tree, List.of("channel x", "config 1"));
        assertThat(document.yaml()).startsWith("# channel x\n# config 1\nchannel:\n");
        ConfigGroup back = document.typed(document.yaml()).tree(DISK, home());
        assertThat(back).isEqualTo(tree);
        assertThat(ConfigDifference.between(tree, back)).isEmpty();
    }

    @Test
    void everythingIsInWords() {
        String yaml = ConfigDocument.of(tree(BASE), List.of()).yaml();
        assertThat(yaml)
                .contains("  hashing: SHA256\n", "  capabilities:\n    - V2_0\n")
                .contains("  type: etcdraft\n  state: NORMAL\n  raft:\n    tick: 500ms\n")
                .contains("    snapshotInterval: 16 MB\n")
                .contains("  batch:\n    maxMessages: 10\n    absoluteMax: 64 KB\n    preferredMax: 16 KB\n")
                .contains("    timeout: 2s\n", "    Admins: MAJORITY Admins\n")
                .contains("        Readers: OR('Org1MSP.admin', 'Org1MSP.peer', 'Org1MSP.client')\n")
                .contains("    - address: 127.0.0.1:27050\n", "      serverCertificate: same\n")
                .containsPattern(
                        "# CN=ca.org1.example.com,.*; self-signed; until 2036-11-19T\\S+; SHA-256 [0-9a-f]{64}\n")
                .contains("certificate: rootCertificates[0]\n", "      mspId: Org1MSP\n")
                .contains("-----BEGIN CERTIFICATE-----\n")
                .doesNotContain("otherValues");
        assertThat(ConfigDocument.of(tree("blocks/genesis-2.2-system-kafka.block"), List.of())
                        .yaml())
                .contains("  type: kafka\n", "  kafkaBrokers:\n", "creationPolicy: ANY Admins\n")
                .contains("    group: /Channel/Orderer/Admins\n", "Admins: anybody\n");
    }

    /// Each edit in words, and the recorded block whose tree has that change.
    @Test
    void editsGiveTheTreesThatRealOrderersMade() throws InvalidProtocolBufferException {
        same("batch-timeout", BASE, "orderer.batch.timeout=750ms");
        same("batch-size-count", BASE, "orderer.batch.maxMessages=100");
        same("app-capability", BASE, "application.capabilities=" + capabilities("app-capability"));
        same("enter-maintenance", BASE, "orderer.state=MAINTENANCE");
        same("maint-exit", "config-updates/base-maintenance.block", "orderer.state=NORMAL");
        same("remove-app-org", BASE, "application.organizations.Org2=null");
        same("endpoints-removed", BASE, "orderer.organizations.OrdererOrg.endpoints=null");
        ConfigGroup raft = tree("config-updates/accepted/raft-options.result.block");
        var options = metadata(raft).getOptions();
        same(
                "raft-options",
                BASE,
                "orderer.raft.tick=" + options.getTickInterval(),
                "orderer.raft.electionTicks=" + options.getElectionTick(),
                "orderer.raft.heartbeatTicks=" + options.getHeartbeatTick(),
                "orderer.raft.maxInflightBlocks=" + options.getMaxInflightBlocks(),
                "orderer.raft.snapshotInterval=" + options.getSnapshotIntervalSize());
        same("remove-consenter", BASE, "orderer.consenters[2]=null");
        same(
                "add-consenter",
                BASE,
                "orderer.consenters[+]={address: '127.0.0.1:27350', clientCertificate: ordererOrganizations/"
                        + "example.com/orderers/orderer4.example.com/tls/server.crt, serverCertificate: same}");
        same(
                "add-app-org",
                BASE,
                "application.organizations.Org3={mspId: Org3MSP, mspDirectory: peerOrganizations/org3.example.com/"
                        + "msp}",
                "application.organizations.Org3.policies.Readers=OR('Org3MSP.member')",
                "application.organizations.Org3.policies.Writers=OR('Org3MSP.member')",
                "application.organizations.Org3.policies.Admins=OR('Org3MSP.admin')",
                "application.organizations.Org3.policies.Endorsement=OR('Org3MSP.member')");
    }

    private static String capabilities(String accepted) {
        String yaml = ConfigDocument.of(tree("config-updates/accepted/" + accepted + ".result.block"), List.of())
                .yaml();
        String section = yaml.substring(yaml.indexOf("\napplication:"));
        List<String> names = section.substring(section.indexOf("capabilities:\n") + 14)
                .lines()
                .takeWhile(line -> line.startsWith("    - "))
                .map(line -> line.substring(6))
                .toList();
        assertThat(names).isNotEmpty();
        return names.toString();
    }

    private static ConfigMetadata metadata(ConfigGroup root) throws InvalidProtocolBufferException {
        return ConfigMetadata.parseFrom(ConsensusType.parseFrom(root.getGroupsOrThrow("Orderer")
                        .getValuesOrThrow("ConsensusType")
                        .getValue())
                .getMetadata());
    }

    private static void same(String accepted, String base, String... assignments) {
        ConfigGroup before = tree(base);
        ConfigDocument document = ConfigDocument.of(before, List.of());
        for (String assignment : assignments) {
            document = document.set(assignment);
        }
        ConfigGroup edited = document.tree(DISK, home());
        ConfigGroup recorded = tree("config-updates/accepted/" + accepted + ".result.block");
        assertThat(ConfigDifference.between(edited, recorded)).as(accepted).isEmpty();
        assertThat(MessageOfJson.bytes(unversioned(edited)))
                .as(accepted)
                .isEqualTo(MessageOfJson.bytes(unversioned(recorded)));
        assertThat(ConfigDifference.between(before, edited)).as(accepted).isNotEmpty();
    }

    private static ConfigGroup unversioned(ConfigGroup group) {
        ConfigGroup.Builder plain = group.toBuilder().setVersion(0);
        group.getValuesMap()
                .forEach((name, value) -> plain.putValues(
                        name, ConfigValue.newBuilder(value).setVersion(0).build()));
        group.getPoliciesMap()
                .forEach((name, policy) -> plain.putPolicies(
                        name, ConfigPolicy.newBuilder(policy).setVersion(0).build()));
        group.getGroupsMap().forEach((name, below) -> plain.putGroups(name, unversioned(below)));
        return plain.build();
    }

    @Test
    void differencesAreToldByPath() {
        assertThat(words("acls")).allMatch(line -> line.startsWith("application.acls."));
        assertThat(words("batch-timeout")).containsExactly("orderer.batch.timeout: 2s -> 750ms");
        assertThat(words("remove-app-org"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("application.organizations.Org2: - ");
        assertThat(words("add-app-org"))
                .contains("application.organizations.Org3.mspId: + Org3MSP")
                .anyMatch(line -> line.startsWith(
                        "application.organizations.Org3.msp.rootCertificates: + CN=ca.org3.example.com"));
        assertThat(words("rotate-consenter"))
                .anyMatch(
                        line -> line.matches("orderer.consenters\\[127.0.0.1:\\d+].clientCertificate: CN=.* -> CN=.*"));
        assertThat(words("consenters-reordered")).hasSize(1);
    }

    private static List<String> words(String accepted) {
        return ConfigDifference.between(tree(BASE), tree("config-updates/accepted/" + accepted + ".result.block"))
                .stream()
                .map(ConfigDifference.Change::toString)
                .toList();
    }

    @Test
    void aPatchIsMergedAndNullTakesAway() {
        ConfigDocument patched =
                ConfigDocument.of(tree(BASE), List.of()).patch("the patch", """
                orderer:
                  batch: {maxMessages: 200}
                application:
                  policies: {Endorsement: ANY Endorsement}
                  acls: {peer/Propose: /Channel/Application/Writers}
                  organizations:
                    Org1: {anchorPeers: ["peer0.org1.example.com:7051"]}
                    Org2: null
                """.getBytes(StandardCharsets.UTF_8));
        assertThat(ConfigDifference.between(tree(BASE), patched.tree(DISK, home())))
                .extracting(ConfigDifference.Change::path)
                .containsExactlyInAnyOrder(
                        "orderer.batch.maxMessages",
                        "application.policies.Endorsement",
                        "application.acls.peer/Propose",
                        "application.organizations.Org1.anchorPeers",
                        "application.organizations.Org2");
    }

    @Test
    void whoMayChangeAnElementIsEditedToo() {
        ConfigGroup tree = ConfigDocument.of(tree(BASE), List.of())
                .set("orderer.changedBy.BatchSize=/Channel/Orderer/Writers")
                .set("orderer.changedBy.group=/Channel/Admins")
                .tree(DISK, home());
        ConfigGroup orderer = tree.getGroupsOrThrow("Orderer");
        assertThat(orderer.getValuesOrThrow("BatchSize").getModPolicy()).isEqualTo("/Channel/Orderer/Writers");
        assertThat(orderer.getModPolicy()).isEqualTo("/Channel/Admins");
        ConfigGroup back =
                ConfigDocument.of(tree, List.of()).set("orderer.changedBy=null").tree(DISK, home());
        assertThat(back).isEqualTo(tree(BASE));
    }

    @Test
    void whatCannotBeShownIsKept() {
        ConfigGroup odd = tree(BASE).toBuilder()
                .putValues(
                        "Mine",
                        ConfigValue.newBuilder()
                                .setValue(ByteString.copyFromUtf8("mine"))
                                .setModPolicy("Admins")
                                .build())
                .putGroups("Strange", ConfigGroup.newBuilder().setVersion(7).build())
                .build();
        ConfigDocument document = ConfigDocument.of(odd, List.of());
        assertThat(document.yaml())
                .contains("  otherValues:\n    # nothing is known of these bytes\n    Mine: bWluZQ==\n");
        assertThat(document.tree(DISK, home())).isEqualTo(odd);
        assertThat(document.set("channel.otherValues.Mine=null")
                        .tree(DISK, home())
                        .containsValues("Mine"))
                .isFalse();
    }

    @Test
    void faultsNamePathAllowedValuesAndWhatWasMeant() {
        fault("orderer.batch.maxMesages=5", "orderer.batch.maxMesages is no field here; did you mean 'maxMessages'?");
        fault("orderer.batch.maxMessages=many", "orderer.batch.maxMessages is 'many', a number from 1 to 2147483647");
        fault("orderer.batch.timeout=soon", "orderer.batch.timeout is 'soon', a duration such as 2s");
        fault("orderer.batch.absoluteMax=5 XB", "orderer.batch.absoluteMax is '5 XB', a number of bytes");
        fault("orderer.state=ASLEEP", "orderer.state is 'ASLEEP', NORMAL or MAINTENANCE is wanted");
        fault("channel.policies.Admins=SOME Admins", "channel.policies.Admins is no policy");
        fault("application.organizations.Org1.anchorPeers=[nowhere]", "is 'nowhere', an address such as");
        fault(
                "application.organizations.New={mspId: NewMSP}",
                "is a new organisation and needs mspId and mspDirectory");
        fault("application=null", "application is missing; a section cannot be left out");
        fault("ordrer.batch=null", "ordrer.batch is not there");
        fault("orderer.batch.timeout.x=1", "there is a single value where the path goes on");
        fault("orderer.consenters[7]=null", "the list has 3 items");
        fault("nonsense", "is no path=value");
        fault("orderer.consenters[0].clientCertificate=none.pem", "is neither PEM (-----BEGIN ...) nor a file");
        fault("orderer.changedBy.BatchSizes=/Channel/Admins", "names no value and no policy of this section");
        ConfigDocument typed = ConfigDocument.of(tree(BASE), List.of());
        assertThatThrownBy(() -> typed.typed(typed.yaml().replace("timeout: 2s", "timeout: never"))
                        .tree(DISK, home()))
                .hasMessageContaining(
                        "orderer.batch.timeout is 'never', a duration such as 2s or 500ms is wanted, above 0 and"
                                + " at most 292 years (line ");
    }

    /// Once a copy of everything for every field: minutes for what fits into one envelope.
    @Test
    @Timeout(60)
    void aPatchOfManyFieldsTakesNoTime() {
        StringBuilder patch = new StringBuilder("application:\n  acls:\n");
        for (int i = 0; i < 60_000; i++) {
            patch.append("    rule-%06d: /Channel/Readers\n".formatted(i));
        }
        ConfigDocument document = ConfigDocument.of(tree(BASE), List.of());
        byte[] yaml = patch.toString().getBytes(StandardCharsets.UTF_8);
        assertThat(document.patch("rules", yaml).yaml()).contains("rule-000000", "rule-059999");
    }

    private static void fault(String assignment, String text) {
        assertThatThrownBy(() ->
                        ConfigDocument.of(tree(BASE), List.of()).set(assignment).tree(DISK, home()))
                .as(assignment)
                .isInstanceOf(MalformedConfig.class)
                .hasMessageContaining(text)
                .message()
                .doesNotContain("(line");
    }

    /// Where recorded certificates lie.
    private static Path home() {
        try {
            return Path.of(Objects.requireNonNull(ConfigDocumentTest.class.getResource("/fabric/crypto"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
