package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.env.World;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.junit.jupiter.api.Test;

/// What is said to people who are about to lock themselves out. The update is judged by the rules of every node too:
/// each of these would be carried out.
class LockoutTest {
    private static final List<String> ALL = List.of("Orderers", "Org1", "Org2", "Org3");

    private final Members members = new Members(3);

    @Test
    void aHarmlessChangeIsNotWarnedOf() {
        assertThat(warnings(List.of("Orderers"), "orderer.batch.maxMessages=7")).isEmpty();
        assertThat(warnings(List.of("Orderers", "Org1", "Org2"), "channel.policies.Readers=ANY Writers"))
                .isEmpty();
        assertThat(warnings(List.of("Org1", "Org2"), "application.acls={a/B: /Channel/Application/Readers}"))
                .isEmpty();
    }

    @Test
    void whoSignsAndCouldNotChangeItBackIsTold() {
        // The orderers' admin hands his section to the channel's admins.
        assertThat(warnings(List.of("Orderers"), "orderer.policies.Admins=OR('Org1MSP.admin')"))
                .singleElement()
                .satisfies(warning -> {
                    assertThat(warning.policy()).isEqualTo("/Channel/Orderer/Admins");
                    assertThat(warning.anybody()).isFalse();
                    assertThat(warning.text())
                            .contains("those who sign this would not satisfy /Channel/Orderer/Admins any more")
                            .contains("OR('Org1MSP.admin')");
                });
        assertThat(warnings(ALL, "orderer.policies.Admins=OR('Org1MSP.admin')")).isEmpty();
        // One of two organisations was a majority with itself; with three it takes two.
        assertThat(warnings(
                        List.of("Org1", "Org2"),
                        "application.policies.Admins=ALL Admins",
                        "application.organizations.Org3=null"))
                .isEmpty();
        assertThat(warnings(List.of("Org1", "Org2"), "application.policies.Admins=ALL Admins"))
                .singleElement()
                .satisfies(warning -> assertThat(warning.text()).contains("1 more of {Org3:"));
        assertThat(warnings(List.of("Orderers"), "orderer.changedBy.BatchSize=/Channel/Application/Admins"))
                .extracting(Lockout.Warning::policy)
                .containsExactly("/Channel/Application/Admins");
    }

    @Test
    void whatNobodyCouldSatisfyIsTold() {
        assertThat(warnings(ALL, "channel.policies.Admins=OR('GhostMSP.admin')"))
                .singleElement()
                .satisfies(warning -> {
                    assertThat(warning.anybody()).isTrue();
                    assertThat(warning.text())
                            .isEqualTo("nobody could ever satisfy /Channel/Admins (OR('GhostMSP.admin'))");
                });
        assertThat(warnings(ALL, "channel.policies.Admins=OutOf(3, 'Org1MSP.admin', 'Org2MSP.admin')"))
                .extracting(Lockout.Warning::anybody)
                .containsExactly(true);
        // These MSPs list their admins and know no units: nobody is a peer in them.
        assertThat(warnings(ALL, "channel.policies.Readers=OR('Org1MSP.peer', 'Org2MSP.orderer')"))
                .extracting(Lockout.Warning::text)
                .containsExactly(
                        "nobody could ever satisfy /Channel/Readers" + " (OR('Org1MSP.peer', 'Org2MSP.orderer'))");
        assertThat(warnings(ALL, "application.organizations.Org1.policies.Admins=OR('TypoMSP.admin')"))
                .extracting(Lockout.Warning::policy)
                .contains("/Channel/Application/Org1/Admins");
        // A rule over rules: what nobody satisfies below counts above.
        assertThat(warnings(ALL, "application.policies.Admins=ALL Nonsense"))
                .extracting(Lockout.Warning::policy)
                .contains("/Channel/Application/Admins");
        assertThat(warnings(ALL, "orderer.changedBy.BatchSize=Ghosts"))
                .extracting(Lockout.Warning::text)
                .containsExactly("nobody could change /Channel/Orderer/BatchSize any more: its mod_policy"
                        + " /Channel/Orderer/Ghosts is no policy of the channel");
    }

    @Test
    void accessRulesThatNameNoPolicyAreTold() {
        assertThat(warnings(ALL, "application.acls={a/B: Readers, c/D: /Channel/Nope/Readers, e/F: Typo}"))
                .extracting(Lockout.Warning::text)
                .containsExactlyInAnyOrder(
                        "nobody could use c/D: its access rule names /Channel/Nope/Readers, which is no policy of the"
                                + " channel",
                        "nobody could use e/F: its access rule names /Channel/Application/Typo, which is no policy of"
                                + " the channel");
    }

    /// What was locked asks for signatures that nobody has.
    @Test
    void whatNobodyCanSignAnyMoreIsKnown() {
        ChannelConfig locked = changed(members.genesis, ALL, "orderer.changedBy.BatchSize=Ghosts");
        assertThat(UpdateSignatures.needs(locked, envelope(locked, List.of(), "orderer.batch.maxMessages=7")))
                .singleElement()
                .satisfies(need -> {
                    assertThat(need.policy()).isEqualTo("/Channel/Orderer/Ghosts");
                    assertThat(need.anybody()).isFalse();
                });
        assertThat(UpdateSignatures.needs(locked, envelope(locked, List.of(), "orderer.batch.timeout=7s")))
                .allSatisfy(need -> assertThat(need.anybody()).isTrue());
    }

    @Test
    void blocksThatPeersWouldRefuseAreTold() {
        assertThat(warnings(ALL, "orderer.policies.BlockValidation=OR('Org1MSP.member')"))
                .extracting(Lockout.Warning::text)
                .singleElement()
                .asString()
                .contains("no orderer could sign a block", "peers would take no more blocks");
        assertThat(warnings(ALL, "orderer.policies.BlockValidation=OR('OrderersMSP.member')"))
                .isEmpty();
    }

    /// What was out of reach before is nobody's fault now.
    @Test
    void onlyWhatGetsWorseIsTold() {
        ChannelConfig locked = changed(members.genesis, ALL, "application.policies.Extra=OR('GhostMSP.admin')");
        assertThat(warnings(locked, List.of("Orderers"), "orderer.batch.maxMessages=7"))
                .isEmpty();
        assertThat(warnings(List.of(), "channel.policies.Admins=ALL Admins")).isEmpty();
    }

    private List<Lockout.Warning> warnings(List<String> signers, String... sets) {
        return warnings(members.genesis, signers, sets);
    }

    private List<Lockout.Warning> warnings(ChannelConfig config, List<String> signers, String... sets) {
        ConfigUpdateEnvelope envelope = envelope(config, signers, sets);
        ByteString sender = members.admin(signers.isEmpty() ? "Orderers" : signers.getFirst())
                .creator();
        return Lockout.of(config, changed(config, ALL, sets), envelope, sender);
    }

    private ConfigUpdateEnvelope envelope(ChannelConfig config, List<String> signers, String... sets) {
        ConfigGroup before = config.tree().getChannelGroup();
        ConfigDocument document = ConfigDocument.of(before, List.of());
        for (String set : sets) {
            document = document.set(set);
        }
        ConfigUpdate update = ConfigUpdates.compute(
                config.id(), before, document.tree(World.real().disk(), Path.of("")));
        EnvelopeView envelope = members.envelope(update.toByteString(), signers);
        try {
            return ConfigUpdateEnvelope.parseFrom(envelope.data());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /// With the signatures of all, so that it is carried out.
    private ChannelConfig changed(ChannelConfig config, List<String> signers, String... sets) {
        ByteString update = envelope(config, List.of(), sets).getConfigUpdate();
        return ConfigUpdates.of(config)
                .propose(members.envelope(update, signers), members.now(config))
                .next();
    }
}
