package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.channel.Edits.FIRST;
import static org.holdfast.channel.Edits.MAJORITY;
import static org.holdfast.channel.Edits.MEMBERS;
import static org.holdfast.channel.Edits.ORDERERS;
import static org.holdfast.channel.Edits.code;
import static org.holdfast.channel.Edits.edited;
import static org.holdfast.channel.Edits.envelope;
import static org.holdfast.channel.Edits.now;
import static org.holdfast.channel.Edits.organization;
import static org.holdfast.channel.Edits.propose;
import static org.holdfast.channel.Edits.refuse;
import static org.holdfast.channel.Edits.timeout;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.peer.ACLs;
import org.hyperledger.fabric.protos.peer.APIResource;
import org.junit.jupiter.api.Test;

/// Config updates with real signatures, step by step: what is told, what is refused, and that every node says the same.
class ConfigUpdatesTest {

    @Test
    void anUpdateBecomesTheNextConfigAndSoOn() {
        ChannelConfig config = FIRST;
        for (int i = 1; i <= 5; i++) {
            String timeout = i + "s";
            EnvelopeView update = MEMBERS.update(config, ORDERERS, timeout(timeout));
            ConfigProposal proposal = propose(config, update);
            assertThat(proposal.change().elements()).containsExactly("[Value]  /Channel/Orderer/BatchTimeout");
            assertThat(proposal.change().restart()).isEmpty();
            assertThat(proposal.next().blockNumber()).isEqualTo(ChannelConfig.NO_BLOCK);
            config = ConfigUpdates.of(config).validate(envelope(proposal), 10 + i, now());
            assertThat(config.blockNumber()).isEqualTo(10 + i);
            assertThat(config.sequence()).isEqualTo(i);
            assertThat(config.batchTimeout().toSeconds()).isEqualTo(i);
            assertThat(config.tree()).isEqualTo(proposal.next().tree());
        }
    }

    @Test
    void whoMayChangeWhatIsTheModPolicysSay() {
        Consumer<ConfigGroup.Builder> acl = root -> Members.below(
                root,
                "Application",
                application -> application.putValues(
                        "ACLs",
                        Members.value(ACLs.newBuilder()
                                .putAcls(
                                        "peer/Propose",
                                        APIResource.newBuilder()
                                                .setPolicyRef("/Channel/Application/Admins")
                                                .build())
                                .build())));
        refuse(FIRST, MEMBERS.update(FIRST, List.of("Org1"), acl), Code.UPDATE_NOT_AUTHORIZED)
                .hasMessageContaining("policy for [Group]  /Channel/Application not satisfied")
                .hasMessageContaining("1 sub-policies were satisfied, but this policy requires 2");
        // Signed twice by one admin is signed once.
        refuse(FIRST, MEMBERS.update(FIRST, List.of("Org1", "Org1"), acl), Code.UPDATE_NOT_AUTHORIZED)
                .hasMessageContaining("its signer already counts");
        refuse(FIRST, MEMBERS.update(FIRST, ORDERERS, acl), Code.UPDATE_NOT_AUTHORIZED);
        assertThat(propose(FIRST, MEMBERS.update(FIRST, MAJORITY, acl)).next().acls())
                .containsEntry("peer/Propose", "/Channel/Application/Admins");
        // A member's own affairs need its own admin only.
        assertThat(propose(
                                FIRST,
                                MEMBERS.update(
                                        FIRST,
                                        List.of("Org3"),
                                        root -> Members.below(
                                                root,
                                                "Application",
                                                application -> Members.below(
                                                        application,
                                                        "Org3",
                                                        org -> org.setModPolicy("/Channel/Admins")))))
                        .change()
                        .elements())
                .containsExactly("[Group]  /Channel/Application/Org3");
        refuse(
                FIRST,
                MEMBERS.update(
                        FIRST,
                        List.of("Org2", "Orderers"),
                        root -> Members.below(
                                root,
                                "Application",
                                application -> Members.below(
                                        application, "Org3", org -> org.setModPolicy("/Channel/Admins")))),
                Code.UPDATE_NOT_AUTHORIZED);
    }

    @Test
    void anOrganisationComesAndGoes() {
        Consumer<ConfigGroup.Builder> join = root ->
                Members.below(root, "Application", application -> application.putGroups("Org4", organization("Org4")));
        ConfigProposal joined = propose(FIRST, MEMBERS.update(FIRST, MAJORITY, join));
        ChannelConfig with = ConfigUpdates.of(FIRST).validate(envelope(joined), 5, now());
        assertThat(with.organizations()).extracting(Organization::name).contains("Org4");
        assertThat(with.msps().identity(MEMBERS.admin("Org4").creator()).mspId())
                .isEqualTo("Org4MSP");
        assertThat(with.tlsRoots()).hasSize(FIRST.tlsRoots().size() + 1);
        // Four organisations: now three must sign.
        Consumer<ConfigGroup.Builder> leave =
                root -> Members.below(root, "Application", application -> application.removeGroups("Org2"));
        refuse(with, MEMBERS.update(with, MAJORITY, leave), Code.UPDATE_NOT_AUTHORIZED)
                .hasMessageContaining("requires 3");
        ConfigProposal left = propose(with, MEMBERS.update(with, List.of("Org1", "Org3", "Org4"), leave));
        assertThat(left.next().organizations()).extracting(Organization::name).doesNotContain("Org2");
    }

    @Test
    void whatWasComputedAgainstAnotherConfigIsStale() {
        EnvelopeView one = MEMBERS.update(FIRST, ORDERERS, timeout("3s"));
        EnvelopeView other = MEMBERS.update(FIRST, ORDERERS, timeout("4s"));
        ConfigProposal first = propose(FIRST, one);
        ConfigProposal second = propose(FIRST, other);
        ChannelConfig next = ConfigUpdates.of(FIRST).validate(envelope(first), 1, now());
        assertThat(code(() -> ConfigUpdates.of(next).validate(envelope(second), 2, now())))
                .isEqualTo(Code.UPDATE_STALE);
        // The gate that asks again finds out as well.
        refuse(next, other, Code.UPDATE_STALE).hasMessageContaining("BatchTimeout");
        refuse(next, one, Code.UPDATE_STALE);
        // What does not touch the same element stays good.
        EnvelopeView apart = MEMBERS.update(
                FIRST,
                ORDERERS,
                root -> Members.below(
                        root,
                        "Orderer",
                        orderer -> Members.below(
                                orderer, "Orderers", org -> org.setModPolicy("/Channel/Orderer/Admins"))));
        ConfigProposal again = propose(next, apart);
        assertThat(ConfigUpdates.of(next).validate(envelope(again), 2, now()).sequence())
                .isEqualTo(2);
        assertThat(again.next().batchTimeout().toSeconds()).isEqualTo(3);
    }

    @Test
    void aConfigThatIsNotWhatItsUpdateMakesIsRefusedByEveryNode() throws Exception {
        ConfigProposal proposal = propose(FIRST, MEMBERS.update(FIRST, ORDERERS, timeout("3s")));
        ConfigEnvelope good = ConfigEnvelope.parseFrom(proposal.configEnvelope());
        List<ConfigEnvelope> bad = new ArrayList<>();
        bad.add(good.toBuilder().clearLastUpdate().build());
        bad.add(changed(good, config -> config.setSequence(2)));
        bad.add(changed(good, config -> config.setSequence(0)));
        bad.add(changed(good, config -> config.getChannelGroupBuilder().setVersion(1)));
        bad.add(changed(good, config -> config.getChannelGroupBuilder().setModPolicy("/Channel/Orderer/Admins")));
        bad.add(changed(
                good,
                config -> config.setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                9,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build())));
        bad.add(changed(good, config -> timeout("9s").accept(config.getChannelGroupBuilder())));
        bad.add(changed(good, config -> config.setChannelGroup(FIRST.tree().getChannelGroup())));
        for (ConfigEnvelope envelope : bad) {
            EnvelopeView view = MEMBERS.envelope(HeaderType.CONFIG_VALUE, "members", envelope.toByteString());
            assertThatThrownBy(() -> ConfigUpdates.of(FIRST).validate(view, 1, now()))
                    .isInstanceOf(Refusal.Refused.class);
            assertThatThrownBy(() -> ConfigUpdates.of(FIRST).follow(view, 1)).isInstanceOf(Refusal.Refused.class);
        }
        ByteString bytes = proposal.configEnvelope();
        assertThat(code(() -> ConfigUpdates.of(FIRST)
                        .validate(MEMBERS.envelope(HeaderType.MESSAGE_VALUE, "members", bytes), 1, now())))
                .isEqualTo(Code.UPDATE_INVALID);
        assertThat(code(() -> ConfigUpdates.of(FIRST)
                        .validate(MEMBERS.envelope(HeaderType.CONFIG_VALUE, "others", bytes), 1, now())))
                .isEqualTo(Code.UPDATE_INVALID);
        assertThat(code(() -> ConfigUpdates.of(FIRST)
                        .validate(
                                MEMBERS.envelope(HeaderType.CONFIG_VALUE, "members", bytes.substring(0, 900)),
                                1,
                                now())))
                .isEqualTo(Code.MALFORMED_ENVELOPE);
    }

    private static ConfigEnvelope changed(
            ConfigEnvelope good, Consumer<org.hyperledger.fabric.protos.common.Config.Builder> change) {
        ConfigEnvelope.Builder bad = good.toBuilder();
        change.accept(bad.getConfigBuilder());
        return bad.build();
    }

    @Test
    void twoGatesMakeTheSameBytesWhateverOrderTheirMapsHave() throws Exception {
        Random random = new Random(20261122);
        EnvelopeView update = MEMBERS.update(
                FIRST,
                MAJORITY,
                root -> Members.below(
                        root, "Application", application -> application.putGroups("Org4", organization("Org4"))));
        ByteString bytes = propose(FIRST, update).configEnvelope();
        for (int i = 0; i < 20; i++) {
            ChannelConfig same = ChannelConfig.of(
                    FIRST.id(),
                    0,
                    FIRST.tree().toBuilder()
                            .setChannelGroup(reordered(FIRST.tree().getChannelGroup(), random))
                            .build(),
                    Golden.CRYPTO);
            assertThat(propose(same, update).configEnvelope()).isEqualTo(bytes);
        }
    }

    private static ConfigGroup reordered(ConfigGroup group, Random random) {
        ConfigGroup.Builder other =
                group.toBuilder().clearGroups().clearValues().clearPolicies();
        shuffled(group.getGroupsMap().keySet(), random)
                .forEach(name -> other.putGroups(name, reordered(group.getGroupsOrThrow(name), random)));
        shuffled(group.getValuesMap().keySet(), random)
                .forEach(name -> other.putValues(name, group.getValuesOrThrow(name)));
        shuffled(group.getPoliciesMap().keySet(), random)
                .forEach(name -> other.putPolicies(name, group.getPoliciesOrThrow(name)));
        return other.build();
    }

    private static List<String> shuffled(Set<String> names, Random random) {
        List<String> list = new ArrayList<>(names);
        Collections.shuffle(list, random);
        return list;
    }

    /// Channels made by Fabric 1.0 have elements nobody could change.
    @Test
    void emptyModPoliciesBecomeAdminsOnceTheOrderersHaveCapabilities() {
        ChannelConfig old = edited(root -> Members.below(root, "Orderer", orderer -> {
            orderer.putValues(
                    "BatchTimeout",
                    orderer.getValuesOrThrow("BatchTimeout").toBuilder()
                            .clearModPolicy()
                            .build());
            orderer.clearModPolicy();
        }));
        ConfigProposal proposal = propose(
                old,
                MEMBERS.update(
                        old,
                        ORDERERS,
                        root -> Members.below(
                                root,
                                "Orderer",
                                orderer -> Members.below(orderer, "Orderers", org -> org.setModPolicy("Writers")))));
        ConfigGroup orderer = proposal.next().tree().getChannelGroup().getGroupsOrThrow("Orderer");
        assertThat(orderer.getModPolicy()).isEqualTo("Admins");
        assertThat(orderer.getValuesOrThrow("BatchTimeout").getModPolicy()).isEqualTo("Admins");
        ChannelConfig older = edited(root -> {
            root.removeValues("Capabilities");
            root.putValues(
                    "OrdererAddresses",
                    Members.value(org.hyperledger.fabric.protos.common.OrdererAddresses.newBuilder()
                            .addAddresses("a:1")
                            .build()));
            Members.below(root, "Application", application -> application.removeValues("Capabilities"));
            Members.below(root, "Orderer", below -> {
                below.removeValues("Capabilities");
                below.clearModPolicy();
            });
        });
        ConfigGroup kept = propose(older, MEMBERS.update(older, ORDERERS, timeout("3s")))
                .next()
                .tree()
                .getChannelGroup()
                .getGroupsOrThrow("Orderer");
        assertThat(kept.getModPolicy()).isEmpty();
    }
}
