package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.env.World;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.identity.Pem;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ImplicitMetaPolicy;
import org.hyperledger.fabric.protos.common.MSPPrincipal;
import org.hyperledger.fabric.protos.common.MSPRole;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.common.SignaturePolicy;
import org.hyperledger.fabric.protos.common.SignaturePolicyEnvelope;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Policies over a network made here: one orderer organisation, three that use the channel.
class PolicyTest {
    private static final World WORLD = World.real();
    private static final ByteString TEXT = ByteString.copyFromUtf8("what was signed");

    @TempDir
    static Path root;

    static OrganizationFiles orderers;
    static List<OrganizationFiles> users = new ArrayList<>();
    static ByteString genesis = ByteString.EMPTY;
    static ChannelConfig config;

    @BeforeAll
    static void network() {
        OrganizationPlan.Node node = new OrganizationPlan.Node("o1.example.com", List.of("127.0.0.1"));
        orderers = OrganizationFiles.write(
                WORLD,
                Golden.CRYPTO,
                root,
                new OrganizationPlan("example.com", OrganizationPlan.Kind.ORDERER, List.of(node), List.of()));
        List<GenesisPlan.Member> applications = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            OrganizationFiles files = OrganizationFiles.write(
                    WORLD,
                    Golden.CRYPTO,
                    root,
                    new OrganizationPlan("org" + i, OrganizationPlan.Kind.PEER, List.of(), List.of("User1", "User2")));
            users.add(files);
            applications.add(new GenesisPlan.Member(
                    "Org" + i, MspDirectory.read(WORLD.disk(), files.msp(), "Org" + i + "MSP"), List.of()));
        }
        Path tls = orderers.nodeTls("o1.example.com").resolve("server.crt");
        var certificate = Pem.firstCertificate(WORLD.disk().read(tls), "tls");
        genesis = Genesis.block(
                new GenesisPlan(
                        new ChannelId("ch"),
                        List.of(new GenesisPlan.Member(
                                "Orderers",
                                MspDirectory.read(WORLD.disk(), orderers.msp(), "OrdererMSP"),
                                List.of("127.0.0.1:7050"))),
                        applications,
                        List.of(new Consenter("127.0.0.1", 7050, certificate, certificate)),
                        GenesisPlan.Settings.SAMPLE),
                WORLD,
                Golden.CRYPTO);
        config = ChannelConfig.fromBlock(genesis, Golden.CRYPTO);
    }

    @Test
    void aMajorityOfOrganizationsMeansMoreThanHalfOfThem() {
        String admins = "/Channel/Application/Admins";
        assertThat(config.evaluate(admins, List.of(admin(0))).satisfied()).isFalse();
        assertThat(config.evaluate(admins, List.of(admin(0))).reason())
                .isEqualTo("implicit policy evaluation failed - 1 sub-policies were satisfied, but this policy requires"
                        + " 2 of the 'Admins' sub-policies to be satisfied");
        assertThat(config.evaluate(admins, List.of(admin(0), admin(2))).satisfied())
                .isTrue();
        assertThat(config.evaluate(admins, List.of(admin(0), user(1, "User1"), user(2, "User1")))
                        .satisfied())
                .isFalse();
        // /Channel/Admins: a majority of {Orderer, Application}, each by its own majority.
        assertThat(config.evaluate("/Channel/Admins", List.of(admin(0), admin(1)))
                        .satisfied())
                .isFalse();
        assertThat(config.evaluate("/Channel/Admins", List.of(admin(0), admin(1), ordererAdmin()))
                        .satisfied())
                .isTrue();
    }

    @Test
    void anyOneWriterIsEnoughAndAWrongSignatureBesideItDoesNoHarm() {
        SignedMessage good = user(1, "User1");
        SignedMessage bad = new SignedMessage(good.creator(), TEXT.concat(TEXT), good.signature());
        assertThat(config.evaluate(ChannelConfig.WRITERS, List.of(good)).satisfied())
                .isTrue();
        assertThat(config.evaluate(ChannelConfig.WRITERS, List.of(bad)).satisfied())
                .isFalse();
        PolicyVerdict both = config.evaluate(ChannelConfig.WRITERS, List.of(bad, good));
        assertThat(both.satisfied()).isTrue();
        assertThat(both.dropped()).singleElement().asString().startsWith("signature 0");
        assertThat(config.evaluate(ChannelConfig.WRITERS, List.of()).satisfied())
                .isFalse();
    }

    @Test
    void oneSignerCountsOnceHoweverOftenItSigns() {
        ChannelConfig two = withPolicy(atLeast(2, signedBy(0), signedBy(1)), member(0), member(0));
        assertThat(two.evaluate("/Channel/Test", List.of(user(0, "User1"), user(0, "User1")))
                        .satisfied())
                .isFalse();
        assertThat(two.evaluate("/Channel/Test", List.of(user(0, "User1"), user(0, "User2")))
                        .satisfied())
                .isTrue();
    }

    @Test
    void oneIdentitySatisfiesOneLeaf() {
        ChannelConfig adminAndMember = withPolicy(atLeast(2, signedBy(0), signedBy(1)), admin0(), member(0));
        assertThat(adminAndMember.evaluate("/Channel/Test", List.of(admin(0))).satisfied())
                .isFalse();
        assertThat(adminAndMember
                        .evaluate("/Channel/Test", List.of(admin(0), user(0, "User1")))
                        .satisfied())
                .isTrue();
        // Judged left to right: the first leaf takes the admin as a member, and nobody is left to be the admin.
        ChannelConfig greedy = withPolicy(atLeast(2, signedBy(1), signedBy(0)), admin0(), member(0));
        assertThat(greedy.evaluate("/Channel/Test", List.of(admin(0), user(0, "User1")))
                        .satisfied())
                .isFalse();
        assertThat(greedy.evaluate("/Channel/Test", List.of(user(0, "User1"), admin(0)))
                        .satisfied())
                .isTrue();
    }

    @Test
    void aRuleThatFailsUsesNobodyUp() {
        SignaturePolicy failing = atLeast(2, signedBy(0), signedBy(1));
        ChannelConfig nested = withPolicy(atLeast(1, failing, signedBy(0)), member(0), member(1));
        assertThat(nested.evaluate("/Channel/Test", List.of(user(0, "User1"))).satisfied())
                .isTrue();
    }

    @Test
    void absentPoliciesAndPathsAreNotSatisfied() {
        List<SignedMessage> everybody = List.of(admin(0), admin(1), admin(2), ordererAdmin());
        for (String path :
                List.of("/Channel/None", "/Channel/None/Writers", "Writers", "/Channel", "", "/Other/Writers")) {
            assertThat(config.evaluate(path, everybody).satisfied()).as(path).isFalse();
            assertThat(config.evaluate(path, everybody).reason()).isNotEmpty();
        }
    }

    @Test
    void metaPoliciesOverNothingAndOfUnknownRules() {
        ConfigPolicy all = meta(ImplicitMetaPolicy.newBuilder()
                .setRule(ImplicitMetaPolicy.Rule.ALL)
                .setSubPolicy("Admins")
                .build());
        ConfigPolicy unknown = meta(ImplicitMetaPolicy.newBuilder()
                .setRuleValue(9)
                .setSubPolicy("Admins")
                .build());
        ConfigPolicy kind = ConfigPolicy.newBuilder()
                .setPolicy(Policy.newBuilder().setType(2))
                .build();
        List<SignedMessage> everybody = List.of(admin(0), admin(1), admin(2), ordererAdmin());
        assertThat(withPolicy(all).evaluate("/Channel/Test", everybody).satisfied())
                .isTrue();
        assertThat(withPolicy(all)
                        .evaluate("/Channel/Test", List.of(admin(0), admin(1), admin(2)))
                        .satisfied())
                .isFalse();
        assertThat(withPolicy(unknown).evaluate("/Channel/Test", everybody).satisfied())
                .isFalse();
        assertThat(withPolicy(kind).evaluate("/Channel/Test", everybody).satisfied())
                .isFalse();
        ChannelConfig empty = changed(root -> root.putGroups(
                "Empty", ConfigGroup.newBuilder().putPolicies("Test", all).build()));
        assertThat(empty.evaluate("/Channel/Empty/Test", List.of()).satisfied()).isTrue();
    }

    @Test
    void aBlockSignedByAnOrdererIsValidAndByAnybodyElseIsNot() {
        BlockHeader header = new BlockHeader(7, TEXT, TEXT);
        ByteString nonce = ByteString.copyFromUtf8("123456789012345678901234");
        LocalIdentity node =
                LocalIdentity.load(WORLD.disk(), orderers.nodeMsp("o1.example.com"), "OrdererMSP", Golden.CRYPTO);
        ByteString slot = BlockSignatures.sign(node, header, TEXT, nonce);
        assertThat(BlockSignatures.verify(config, header, slot).satisfied()).isTrue();
        LocalIdentity outsider =
                LocalIdentity.load(WORLD.disk(), users.getFirst().userMsp("Admin"), "Org1MSP", Golden.CRYPTO);
        ByteString forged = BlockSignatures.sign(outsider, header, TEXT, nonce);
        assertThat(BlockSignatures.verify(config, header, forged).satisfied()).isFalse();
    }

    private static SignedMessage admin(int organization) {
        return user(organization, "Admin");
    }

    private static SignedMessage user(int organization, String name) {
        return signed(LocalIdentity.load(
                WORLD.disk(),
                users.get(organization).userMsp(name),
                "Org" + (organization + 1) + "MSP",
                Golden.CRYPTO));
    }

    private static SignedMessage ordererAdmin() {
        return signed(LocalIdentity.load(WORLD.disk(), orderers.userMsp("Admin"), "OrdererMSP", Golden.CRYPTO));
    }

    private static SignedMessage signed(LocalIdentity identity) {
        return new SignedMessage(identity.creator(), TEXT, identity.sign(TEXT));
    }

    private static MSPPrincipal member(int organization) {
        return principal("Org" + (organization + 1) + "MSP", MSPRole.MSPRoleType.MEMBER);
    }

    private static MSPPrincipal admin0() {
        return principal("Org1MSP", MSPRole.MSPRoleType.ADMIN);
    }

    private static MSPPrincipal principal(String mspId, MSPRole.MSPRoleType role) {
        return MSPPrincipal.newBuilder()
                .setPrincipal(MSPRole.newBuilder()
                        .setMspIdentifier(mspId)
                        .setRole(role)
                        .build()
                        .toByteString())
                .build();
    }

    private static SignaturePolicy signedBy(int index) {
        return SignaturePolicy.newBuilder().setSignedBy(index).build();
    }

    private static SignaturePolicy atLeast(int n, SignaturePolicy... rules) {
        return SignaturePolicy.newBuilder()
                .setNOutOf(SignaturePolicy.NOutOf.newBuilder().setN(n).addAllRules(List.of(rules)))
                .build();
    }

    private static ConfigPolicy meta(ImplicitMetaPolicy policy) {
        return ConfigPolicy.newBuilder()
                .setPolicy(Policy.newBuilder()
                        .setType(Policy.PolicyType.IMPLICIT_META_VALUE)
                        .setValue(policy.toByteString()))
                .build();
    }

    private static ChannelConfig withPolicy(SignaturePolicy rule, MSPPrincipal... principals) {
        ByteString value = SignaturePolicyEnvelope.newBuilder()
                .setRule(rule)
                .addAllIdentities(List.of(principals))
                .build()
                .toByteString();
        return withPolicy(ConfigPolicy.newBuilder()
                .setPolicy(Policy.newBuilder()
                        .setType(Policy.PolicyType.SIGNATURE_VALUE)
                        .setValue(value))
                .build());
    }

    private static ChannelConfig withPolicy(ConfigPolicy policy) {
        return changed(root -> root.putPolicies("Test", policy));
    }

    private static ChannelConfig changed(Consumer<ConfigGroup.Builder> change) {
        return ChannelConfig.fromBlock(Golden.changed(genesis, change), Golden.CRYPTO);
    }
}
