package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import org.holdfast.env.World;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.common.SignaturePolicyEnvelope;
import org.hyperledger.fabric.protos.peer.ACLs;
import org.hyperledger.fabric.protos.peer.AnchorPeers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Oracle: genesis blocks that configtxgen 2.5.12 and 2.2.15 made, and the digests recorded of their trees.
class GenesisProfileTest {
    @TempDir
    Path temp;

    @ParameterizedTest
    @CsvSource({
        "Channel, fixch, genesis-2.5-fixch.block",
        "OtherBatch, blkch, genesis-2.5-blkch.block",
        "SystemRaft, sysraft, genesis-2.2-system-etcdraft.block",
        "SystemKafka, syskafka, genesis-2.2-system-kafka.block"
    })
    void theProfileMakesConfigtxgensTree(String profile, String channel, String golden) throws IOException {
        GenesisProfile read = GenesisProfile.read(World.real().disk(), file(), profile);
        ByteString made = read.block(new ChannelId(channel), World.real(), Golden.CRYPTO);
        ChannelConfig ours = ChannelConfig.fromBlock(made, Golden.CRYPTO);
        ChannelConfig theirs = Golden.config("blocks/" + golden);
        assertThat(ours.tree()).isEqualTo(theirs.tree());
        assertThat(ours.id()).isEqualTo(theirs.id());
        assertThat(digest(ours.tree().getChannelGroup())).isEqualTo(recorded(golden));
        assertThat(read.system()).isEqualTo(golden.contains("system"));
    }

    @Test
    void aclsAndAnchorPeersAreTakenIn() throws Exception {
        ByteString made = GenesisProfile.read(World.real().disk(), file(), "WithMore")
                .block(new ChannelId("more"), World.real(), Golden.CRYPTO);
        ConfigGroup application = ChannelConfig.fromBlock(made, Golden.CRYPTO)
                .tree()
                .getChannelGroup()
                .getGroupsOrThrow("Application");
        assertThat(ACLs.parseFrom(application.getValuesOrThrow("ACLs").getValue())
                        .getAclsOrThrow("qscc/GetBlockByNumber")
                        .getPolicyRef())
                .isEqualTo("/Channel/Application/Readers");
        AnchorPeers anchors = AnchorPeers.parseFrom(application
                .getGroupsOrThrow("Org1")
                .getValuesOrThrow("AnchorPeers")
                .getValue());
        assertThat(anchors.getAnchorPeers(0).getPort()).isEqualTo(7051);
    }

    @Test
    void everyFaultIsToldAtOnce() throws IOException, URISyntaxException {
        String text = Files.readString(file())
                .replace("MaxMessageCount: 10\n", "MaxMessageCount: ten\n")
                .replace("BatchTimeout: 2s", "BatchTimeout: soon")
                .replace("Rule: MAJORITY Admins", "Rule: MOST Admins")
                .replace("OR('Org1MSP.admin')", "OR('Org1MSP.king')")
                .replace("MSPDir: crypto/peerOrganizations/org2", "MSPDir: crypto/nowhere/org2")
                .replace("Port: 27150", "Port: 99999")
                .replace("orderer3.example.com/tls", "orderer9.example.com/tls")
                .replace("MaxChannels", "MaxChanels");
        Path bad = Files.writeString(temp.resolve("configtx.yaml"), text);
        Path crypto = temp.resolve("crypto");
        copy(file().resolveSibling("crypto"), crypto);
        assertThatThrownBy(() -> GenesisProfile.read(World.real().disk(), bad, "Channel"))
                .isInstanceOf(MalformedConfig.class)
                .hasMessageContaining("Profiles.Channel.Orderer.BatchSize.MaxMessageCount is 'ten'")
                .hasMessageContaining("Profiles.Channel.Orderer.BatchTimeout is 'soon'")
                .hasMessageContaining("Profiles.Channel.Policies.Admins.Rule is 'MOST Admins'")
                .hasMessageContaining("'Org1MSP.king' is no principal")
                .hasMessageContaining("crypto/nowhere/org2.example.com/msp/cacerts holds no certificate")
                .hasMessageContaining("Consenters[1].Port is '99999'")
                .hasMessageContaining("orderer9.example.com/tls/server.crt, which does not exist")
                .hasMessageContaining("Profiles.Channel.Orderer.MaxChanels is no key here");
        assertThatThrownBy(() -> GenesisProfile.read(World.real().disk(), file(), "NoOrderer"))
                .hasMessageContaining("Profiles.NoOrderer has no Orderer section");
        assertThatThrownBy(() -> GenesisProfile.read(World.real().disk(), file(), "Nothing"))
                .hasMessageContaining("has no profile 'Nothing'; it has Channel, OtherBatch");
    }

    /// As Fabric's policy parser numbers them: inner calls first.
    @Test
    void principalsAreNumberedInnerCallsFirst() throws Exception {
        SignaturePolicyEnvelope policy =
                SignatureRule.parse("or('A.admin', OutOf(2, 'B.member', \"C.peer\", and('D.client','E.orderer')))");
        assertThat(policy.getIdentitiesCount()).isEqualTo(5);
        assertThat(policy.getRule().getNOutOf().getN()).isEqualTo(1);
        assertThat(policy.getRule().getNOutOf().getRules(0).getSignedBy()).isEqualTo(4);
        assertThat(policy.getRule()
                        .getNOutOf()
                        .getRules(1)
                        .getNOutOf()
                        .getRules(0)
                        .getSignedBy())
                .isEqualTo(2);
        assertThat(PolicyWords.of(ConfigPolicy.newBuilder()
                        .setPolicy(Policy.newBuilder().setType(1).setValue(policy.toByteString()))
                        .build()))
                .isEqualTo("OR('A.admin', OutOf(2, 'B.member', 'C.peer', AND('D.client', 'E.orderer')))");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "OR('A.admin'|ends too early",
                "NOT('A.admin')|AND, OR or OutOf",
                "OR('A.admin')) |after the end",
                "OutOf('x', 'A.admin')|wants a number",
                "OutOf(3, 'A.admin')|asks for 3 of 1",
                "OR(#)|nothing can be made of",
                "OR('A')|no principal"
            })
    void whatIsNoRuleIsRefused(String text, String why) {
        assertThatThrownBy(() -> SignatureRule.parse(text)).hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({
        "2s, 2s",
        "500ms, 500ms",
        "1500ms, 1.5s",
        "90s, 1m30s",
        "1h, 1h0m0s",
        "250us, 250µs",
        "1ns, 1ns",
        "0, 0s",
        "3h4m5.5s, 3h4m5.5s"
    })
    void durationsAreWrittenAsGoWritesThem(String given, String written) {
        assertThat(GoDuration.text(Objects.requireNonNullElse(GoDuration.parse(given), Duration.ofDays(999))))
                .isEqualTo(written);
    }

    @ParameterizedTest
    @CsvSource({"512 KB, 524288", "10MB, 10485760", "16 m, 16777216", "65536, 65536", "1g, 1073741824"})
    void sizesAreReadAsFabricReadsThem(String text, int bytes) {
        assertThat(ByteSize.parse(text)).hasValue(bytes);
        assertThat(ByteSize.parse(text + "x")).isEmpty();
        assertThat(ByteSize.parse("9 GB")).isEmpty();
    }

    private static Path file() {
        try {
            return Path.of(Objects.requireNonNull(GenesisProfileTest.class.getResource("/fabric/configtx.yaml"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var walk = Files.walk(from)) {
            for (Path path : walk.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        }
    }

    /// Fields in number order, map entries by key: the recorded form.
    private static String digest(ConfigGroup group) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        group.writeTo(out);
        out.flush();
        return HexFormat.of().formatHex(BlockHeader.sha256().digest(bytes.toByteArray()));
    }

    private static String recorded(String file) {
        JsonNode facts =
                JsonMapper.shared().readTree(Golden.bytes("blocks/facts.json").toByteArray());
        for (JsonNode genesis : facts.get("genesis")) {
            if (genesis.get("file").asString().equals(file)) {
                return genesis.get("config")
                        .get("config_group_canonical_sha256")
                        .asString();
            }
        }
        throw new AssertionError("no facts of " + file);
    }
}
