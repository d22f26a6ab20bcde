package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.channel.Edits.EVERYBODY;
import static org.holdfast.channel.Edits.FIRST;
import static org.holdfast.channel.Edits.MAJORITY;
import static org.holdfast.channel.Edits.MEMBERS;
import static org.holdfast.channel.Edits.ORDERERS;
import static org.holdfast.channel.Edits.capability;
import static org.holdfast.channel.Edits.consensus;
import static org.holdfast.channel.Edits.edited;
import static org.holdfast.channel.Edits.envelope;
import static org.holdfast.channel.Edits.metadata;
import static org.holdfast.channel.Edits.now;
import static org.holdfast.channel.Edits.organization;
import static org.holdfast.channel.Edits.parse;
import static org.holdfast.channel.Edits.propose;
import static org.holdfast.channel.Edits.refuse;
import static org.holdfast.channel.Edits.state;
import static org.holdfast.channel.Edits.timeout;
import static org.holdfast.channel.Edits.updateOf;
import static org.holdfast.channel.Edits.wire;

import com.google.protobuf.ByteString;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;
import org.junit.jupiter.api.Test;

/// What a new config must be: members, options, feature level, sections, and the steps of maintenance.
class ConfigRulesTest {
    @Test
    void membersChangeOneByOneAndNotOnAChannelWhoseMembersAreFixed() {
        Consenter fourth = MEMBERS.consenter("Orderers", 8050);
        EnvelopeView grows = MEMBERS.update(FIRST, ORDERERS, metadata(raft -> raft.addConsenters(wire(fourth))));
        ConfigProposal grown = propose(FIRST, grows);
        assertThat(grown.next().consenters()).hasSize(4);
        assertThat(grown.change().consenters()).isTrue();
        assertThatThrownBy(() -> ConfigUpdates.of(FIRST)
                        .propose(grows, MEMBERS.now(FIRST).withFixedConsenters()))
                .isInstanceOfSatisfying(
                        Refusal.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo(Code.UPDATES_NOT_SUPPORTED))
                .hasMessageContaining("does not change a running channel's consenters");
        // Its block is followed nevertheless.
        assertThat(ConfigUpdates.of(FIRST).follow(envelope(grown), 3).consenters())
                .hasSize(4);
        refuse(
                        FIRST,
                        MEMBERS.update(
                                FIRST,
                                ORDERERS,
                                metadata(raft -> raft.addConsenters(wire(MEMBERS.consenter("Org1", 8051))))),
                        Code.UPDATE_INVALID)
                .hasMessageContaining("signed by unknown authority");
    }

    @Test
    void optionsThatNeedARestartAreNamed() {
        ConfigProposal proposal = ConfigUpdates.of(FIRST)
                .propose(
                        MEMBERS.update(
                                FIRST,
                                ORDERERS,
                                metadata(raft -> raft.getOptionsBuilder()
                                        .setElectionTick(20)
                                        .setSnapshotIntervalSize(1 << 25))),
                        MEMBERS.now(FIRST).withFixedConsenters());
        assertThat(proposal.change().consenters()).isFalse();
        assertThat(proposal.change().restart()).singleElement().asString().contains("election_tick 10 -> 20");
        assertThat(proposal.next().options().snapshotIntervalBytes()).isEqualTo(1 << 25);
    }

    /// 0 is Fabric's word for its default; the field has no sign.
    @Test
    void aSnapshotIntervalOfNothingIsTheDefault() {
        assertThat(snapshotInterval(0)).isEqualTo(16 << 20);
        assertThat(snapshotInterval(-1)).isEqualTo(Integer.MAX_VALUE);
    }

    private static int snapshotInterval(int bytes) {
        return ConfigUpdates.of(FIRST)
                .propose(
                        MEMBERS.update(
                                FIRST,
                                ORDERERS,
                                metadata(raft -> raft.getOptionsBuilder().setSnapshotIntervalSize(bytes))),
                        MEMBERS.now(FIRST))
                .next()
                .options()
                .snapshotIntervalBytes();
    }

    /// The reference's rule, counted anew: who is heard and stays must be a majority of the new list.
    @Test
    void nobodyIsAddedRemovedOrRotatedSoThatTheRestIsNoMajority() {
        Members members = new Members(5);
        for (int count = 1; count <= 5; count++) {
            int size = count;
            ChannelConfig config = edited(members.genesis, metadata(raft -> {
                while (raft.getConsentersCount() > size) {
                    raft.removeConsenters(raft.getConsentersCount() - 1);
                }
            }));
            for (int heard = 1; heard <= size; heard++) {
                Set<String> seats = new HashSet<>();
                config.consenters().subList(0, heard).forEach(consenter -> seats.add(consenter.seat()));
                UpdateContext context = members.now(config).hearing(seats);
                Consenter fresh = members.consenter("Orderers", 9000);
                boolean add = accepted(config, context, members, raft -> raft.addConsenters(wire(fresh)));
                assertThat(add)
                        .as("add to %d, %d heard", size, heard)
                        .isEqualTo(size + 1 <= 2 || heard >= (size + 1) / 2 + 1);
                boolean rotate = accepted(config, context, members, raft -> raft.setConsenters(0, wire(fresh)));
                assertThat(rotate)
                        .as("rotate one of %d, %d heard", size, heard)
                        .isEqualTo(size <= 2 || heard - 1 >= size / 2 + 1);
                boolean rotateLost =
                        accepted(config, context, members, raft -> raft.setConsenters(size - 1, wire(fresh)));
                assertThat(rotateLost).isEqualTo(size <= 2 || Math.min(heard, size - 1) >= size / 2 + 1);
                if (size > 1) {
                    boolean remove = accepted(config, context, members, raft -> raft.removeConsenters(size - 1));
                    int stay = Math.min(heard, size - 1);
                    assertThat(remove)
                            .as("remove one of %d, %d heard", size, heard)
                            .isEqualTo(stay >= (size - 1) / 2 + 1);
                }
            }
        }
    }

    private static boolean accepted(
            ChannelConfig config, UpdateContext context, Members members, Consumer<ConfigMetadata.Builder> change) {
        try {
            ConfigUpdates.of(config).propose(members.update(config, ORDERERS, metadata(change)), context);
            return true;
        } catch (Refusal.Refused e) {
            assertThat(e.refusal().text()).contains("nodes are alive, configuration will result in quorum loss");
            return false;
        }
    }

    @Test
    void theFeatureLevelRisesAndNeverFalls() {
        assertThat(FeatureLevel.of(FIRST)).hasToString("V2_0");
        ConfigProposal raised =
                propose(FIRST, MEMBERS.update(FIRST, EVERYBODY, root -> capability(root, "V2_0", "V3_0")));
        ChannelConfig high = raised.next();
        assertThat(FeatureLevel.of(high)).isEqualTo(FeatureLevel.OURS).isGreaterThan(FeatureLevel.of(FIRST));
        for (List<String> lower : List.of(List.of("V2_0"), List.of("V1_4_3"), List.<String>of())) {
            refuse(
                    high,
                    MEMBERS.update(high, EVERYBODY, root -> capability(root, lower.toArray(String[]::new))),
                    lower.isEmpty() ? Code.UPDATE_INVALID : Code.UPDATES_NOT_SUPPORTED);
        }
        refuse(
                        FIRST,
                        MEMBERS.update(
                                FIRST,
                                EVERYBODY,
                                root -> Members.below(root, "Orderer", orderer -> capability(orderer, "V1_4_2"))),
                        Code.UPDATES_NOT_SUPPORTED)
                .hasMessageContaining("/Channel/Orderer/Capabilities from V2_0 to V1_4_2");
        // Fewer names at the same level are no fall.
        assertThat(propose(high, MEMBERS.update(high, EVERYBODY, root -> capability(root, "V3_0")))
                        .next()
                        .channelCapabilities())
                .containsExactly("V3_0");
    }

    @Test
    void aNodeBelowTheLevelSaysSoInsteadOfJudging() {
        EnvelopeView future = MEMBERS.update(FIRST, EVERYBODY, root -> capability(root, "V2_0", "V9_9"));
        assertThat(FeatureLevel.unsupported(FIRST)).isEmpty();
        refuse(FIRST, future, Code.UPDATE_INVALID)
                .hasMessageContaining("Channel capability V9_9 is required but not supported");
        // A newer member's gate took it; this node cannot say whether it is good, nor even read all of it.
        EnvelopeView strange = MEMBERS.update(
                FIRST, EVERYBODY, timeout("when it suits").andThen(root -> capability(root, "V2_0", "V9_9")));
        for (EnvelopeView update : List.of(future, strange)) {
            EnvelopeView ordered = ordered(update);
            for (Runnable question : List.<Runnable>of(
                    () -> ConfigUpdates.of(FIRST).validate(ordered, 1, now()),
                    () -> ConfigUpdates.of(FIRST).follow(ordered, 1))) {
                assertThatThrownBy(question::run)
                        .isInstanceOf(AboveLevel.class)
                        .hasMessageContaining("V9_9")
                        .hasMessageContaining("upgrade this node")
                        .hasMessageContaining("other channels go on");
            }
        }
    }

    /// As a gate would order it that takes everything.
    private static EnvelopeView ordered(EnvelopeView update) {
        ConfigGroup tree = UpdateRules.apply(
                        FIRST.tree().getChannelGroup(), updateOf(update), path -> PolicyVerdict.YES)
                .tree();
        ByteString config = ConfigEnvelope.newBuilder()
                .setConfig(FIRST.tree().toBuilder().setSequence(1).setChannelGroup(tree))
                .setLastUpdate(parse(update))
                .build()
                .toByteString();
        return MEMBERS.envelope(HeaderType.CONFIG_VALUE, "members", config);
    }

    /// Or nobody could ever raise it again.
    @Test
    void envelopesStayLargeEnoughForAConfig() {
        refuse(FIRST, MEMBERS.update(FIRST, ORDERERS, largest(20_000)), Code.UPDATES_NOT_SUPPORTED)
                .hasMessageContaining("no config update would fit into an envelope any more");
        assertThat(propose(FIRST, MEMBERS.update(FIRST, ORDERERS, largest(100_000)))
                        .next()
                        .batchSize()
                        .absoluteMaxBytes())
                .isEqualTo(100_000);
    }

    private static Consumer<ConfigGroup.Builder> largest(int bytes) {
        return root -> Members.below(
                root,
                "Orderer",
                orderer -> orderer.putValues(
                        "BatchSize",
                        Members.value(org.hyperledger.fabric.protos.orderer.BatchSize.newBuilder()
                                .setMaxMessageCount(10)
                                .setAbsoluteMaxBytes(bytes)
                                .setPreferredMaxBytes(1_000)
                                .build())));
    }

    @Test
    void onlyWhatAChannelHasMayStandInIt() {
        refuse(
                        FIRST,
                        MEMBERS.update(
                                FIRST,
                                EVERYBODY,
                                root -> root.putGroups(
                                        "Extra",
                                        ConfigGroup.newBuilder()
                                                .setModPolicy("Admins")
                                                .build())),
                        Code.UPDATE_INVALID)
                .hasMessageContaining("Disallowed channel group");
        refuse(
                        FIRST,
                        MEMBERS.update(
                                FIRST,
                                EVERYBODY,
                                root -> root.putGroups(
                                        "Consortiums",
                                        ConfigGroup.newBuilder()
                                                .setModPolicy("Admins")
                                                .build())),
                        Code.UPDATE_INVALID)
                .hasMessageContaining("consortiums");
        refuse(
                FIRST,
                MEMBERS.update(
                        FIRST,
                        List.of("Org2"),
                        root -> Members.below(
                                root,
                                "Application",
                                application -> Members.below(
                                        application, "Org1", org -> org.putGroups("Deeper", organization("Org4"))))),
                Code.UPDATE_NOT_AUTHORIZED);
    }

    @Test
    void sectionsStayAndTheirValuesCanBeRead() {
        refuse(
                        FIRST,
                        MEMBERS.update(
                                FIRST,
                                List.of("Org1"),
                                root -> Members.below(
                                        root,
                                        "Application",
                                        application -> Members.below(
                                                application,
                                                "Org1",
                                                org -> org.putGroups("Deeper", organization("Org4"))))),
                        Code.UPDATE_INVALID)
                .hasMessageContaining("an organisation has none");
        refuse(FIRST, MEMBERS.update(FIRST, EVERYBODY, root -> root.removeGroups("Application")), Code.UPDATE_INVALID)
                .hasMessageContaining("current config has application section, but new config does not");
        refuse(
                        FIRST,
                        MEMBERS.update(
                                FIRST,
                                MAJORITY,
                                root -> Members.below(
                                        root,
                                        "Application",
                                        application -> application.putValues(
                                                "ACLs",
                                                ConfigValue.newBuilder()
                                                        .setModPolicy("Admins")
                                                        .setValue(ByteString.copyFromUtf8("\u0007"))
                                                        .build()))),
                        Code.UPDATE_INVALID)
                .hasMessageContaining("/Channel/Application/ACLs cannot be decoded");
    }

    @Test
    void whatNobodyCouldEverSatisfyIsRefused() {
        refuse(
                        FIRST,
                        MEMBERS.update(
                                FIRST,
                                MAJORITY,
                                root -> Members.below(
                                        root,
                                        "Application",
                                        application -> application.putPolicies(
                                                "Odd",
                                                org.hyperledger.fabric.protos.common.ConfigPolicy.newBuilder()
                                                        .setModPolicy("Admins")
                                                        .setPolicy(
                                                                org.hyperledger.fabric.protos.common.Policy.newBuilder()
                                                                        .setType(2))
                                                        .build()))),
                        Code.UPDATES_NOT_SUPPORTED)
                .hasMessageContaining("/Channel/Application/Odd, of the unknown type 2");
    }

    @Test
    void aChannelBelowTheLevelForMaintenanceStaysInNormalState() {
        ChannelConfig old = edited(root -> Members.below(root, "Orderer", orderer -> capability(orderer, "V1_1")));
        refuse(old, MEMBERS.update(old, ORDERERS, state(ConsensusType.State.STATE_MAINTENANCE)), Code.UPDATE_INVALID)
                .hasMessageContaining("STATE_MAINTENANCE, but capability is disabled");
        refuse(old, MEMBERS.update(old, ORDERERS, consensus(type -> type.setType("kafka"))), Code.UPDATE_INVALID)
                .hasMessageContaining("attempted to change consensus type from etcdraft to kafka");
    }

    @Test
    void aChangeOfStateStandsAlone() {
        ChannelConfig down = propose(
                        FIRST, MEMBERS.update(FIRST, ORDERERS, state(ConsensusType.State.STATE_MAINTENANCE)))
                .next();
        assertThat(down.state()).isEqualTo(ConsensusState.MAINTENANCE);
        Consumer<ConfigGroup.Builder> exit = state(ConsensusType.State.STATE_NORMAL);
        List<Consumer<ConfigGroup.Builder>> more = List.of(
                timeout("7s"),
                root -> Members.below(
                        root,
                        "Orderer",
                        orderer -> Members.below(orderer, "Orderers", org -> org.setModPolicy("Writers"))),
                root -> Members.below(
                        root,
                        "Application",
                        application -> Members.below(application, "Org1", org -> org.setModPolicy("Writers"))),
                root -> root.putValues(
                        "HashingAlgorithm",
                        root.getValuesOrThrow("HashingAlgorithm").toBuilder()
                                .setModPolicy("Writers")
                                .build()));
        for (Consumer<ConfigGroup.Builder> also : more) {
            refuse(down, MEMBERS.update(down, EVERYBODY, exit.andThen(also)), Code.UPDATE_INVALID)
                    .hasMessageContaining("did not pass maintenance checks");
        }
        assertThat(propose(down, MEMBERS.update(down, ORDERERS, exit)).next().state())
                .isEqualTo(ConsensusState.NORMAL);
    }
}
