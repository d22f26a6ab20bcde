package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.security.cert.X509Certificate;
import java.util.List;
import org.holdfast.identity.Pem;
import org.hyperledger.fabric.protos.common.BlockDataHashingStructure;
import org.hyperledger.fabric.protos.common.Capabilities;
import org.hyperledger.fabric.protos.common.Capability;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.HashingAlgorithm;
import org.hyperledger.fabric.protos.common.ImplicitMetaPolicy;
import org.hyperledger.fabric.protos.common.MSPPrincipal;
import org.hyperledger.fabric.protos.common.MSPRole;
import org.hyperledger.fabric.protos.common.OrdererAddresses;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.common.SignaturePolicy;
import org.hyperledger.fabric.protos.common.SignaturePolicyEnvelope;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.orderer.BatchTimeout;
import org.hyperledger.fabric.protos.orderer.ChannelRestrictions;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;

/// The config tree of a new channel: names, policies and mod_policies of Fabric's sample profile, capabilities V2_0.
final class GenesisTree {
    private static final String ADMINS = "Admins";
    private static final String READERS = "Readers";
    private static final String WRITERS = "Writers";
    private static final String ENDORSEMENT = "Endorsement";
    private static final String CAPABILITY = "V2_0";
    private static final int WHOLE_WIDTH = -1;

    private final ConfigGroup.Builder group = ConfigGroup.newBuilder().setModPolicy(ADMINS);

    GenesisTree() {}

    /// The finished group.
    ConfigGroup group() {
        return group.build();
    }

    /// Who may change the group itself.
    GenesisTree changedBy(String modPolicy) {
        group.setModPolicy(modPolicy);
        return this;
    }

    static ConfigGroup of(GenesisPlan plan) {
        return new GenesisTree()
                .value(
                        "HashingAlgorithm",
                        HashingAlgorithm.newBuilder().setName("SHA256").build())
                .value(
                        "BlockDataHashingStructure",
                        BlockDataHashingStructure.newBuilder()
                                .setWidth(WHOLE_WIDTH)
                                .build())
                .value("Capabilities", capabilities())
                .sectionPolicies()
                .below("Orderer", orderer(plan))
                .below("Application", application(plan))
                .group
                .build();
    }

    private static ConfigGroup orderer(GenesisPlan plan) {
        GenesisPlan.Settings settings = plan.settings();
        BatchSize size = settings.batchSize();
        GenesisTree tree = new GenesisTree()
                .value(
                        "BatchSize",
                        org.hyperledger.fabric.protos.orderer.BatchSize.newBuilder()
                                .setMaxMessageCount(size.maxMessages())
                                .setAbsoluteMaxBytes(size.absoluteMaxBytes())
                                .setPreferredMaxBytes(size.preferredMaxBytes())
                                .build())
                .value(
                        "BatchTimeout",
                        BatchTimeout.newBuilder()
                                .setTimeout(GoDuration.format(settings.batchTimeout()))
                                .build())
                .value("ChannelRestrictions", ChannelRestrictions.getDefaultInstance())
                .value("Capabilities", capabilities())
                .value("ConsensusType", consensus(plan))
                .sectionPolicies()
                .implicit("BlockValidation", ImplicitMetaPolicy.Rule.ANY, WRITERS);
        for (GenesisPlan.Member member : plan.orderers()) {
            String mspId = member.msp().getName();
            GenesisTree organization = new GenesisTree()
                    .value("MSP", msp(member))
                    .value(
                            "Endpoints",
                            OrdererAddresses.newBuilder()
                                    .addAllAddresses(member.endpoints())
                                    .build())
                    .signed(READERS, mspId, MSPRole.MSPRoleType.MEMBER)
                    .signed(WRITERS, mspId, MSPRole.MSPRoleType.MEMBER)
                    .signed(ADMINS, mspId, MSPRole.MSPRoleType.ADMIN)
                    .signed(ENDORSEMENT, mspId, MSPRole.MSPRoleType.MEMBER);
            tree.below(member.name(), organization.group.build());
        }
        return tree.group.build();
    }

    private static ConfigGroup application(GenesisPlan plan) {
        GenesisTree tree = new GenesisTree()
                .value("Capabilities", capabilities())
                .sectionPolicies()
                .implicit(ENDORSEMENT, ImplicitMetaPolicy.Rule.MAJORITY, ENDORSEMENT)
                .implicit("LifecycleEndorsement", ImplicitMetaPolicy.Rule.MAJORITY, ENDORSEMENT);
        MSPRole.MSPRoleType[] users = {MSPRole.MSPRoleType.ADMIN, MSPRole.MSPRoleType.PEER, MSPRole.MSPRoleType.CLIENT};
        for (GenesisPlan.Member member : plan.applications()) {
            String mspId = member.msp().getName();
            GenesisTree organization = new GenesisTree()
                    .value("MSP", msp(member))
                    .signed(READERS, mspId, users)
                    .signed(WRITERS, mspId, users)
                    .signed(ADMINS, mspId, MSPRole.MSPRoleType.ADMIN)
                    .signed(ENDORSEMENT, mspId, MSPRole.MSPRoleType.MEMBER);
            tree.below(member.name(), organization.group.build());
        }
        return tree.group.build();
    }

    private static MSPConfig msp(GenesisPlan.Member member) {
        return MSPConfig.newBuilder().setConfig(member.msp().toByteString()).build();
    }

    private static Capabilities capabilities() {
        return Capabilities.newBuilder()
                .putCapabilities(CAPABILITY, Capability.getDefaultInstance())
                .build();
    }

    private static ConsensusType consensus(GenesisPlan plan) {
        ConfigMetadata.Builder metadata = ConfigMetadata.newBuilder();
        for (Consenter consenter : plan.consenters()) {
            metadata.addConsenters(org.hyperledger.fabric.protos.orderer.etcdraft.Consenter.newBuilder()
                    .setHost(consenter.host())
                    .setPort(consenter.port())
                    .setClientTlsCert(pem(consenter.clientTls()))
                    .setServerTlsCert(pem(consenter.serverTls())));
        }
        Options options = plan.settings().options();
        metadata.setOptions(org.hyperledger.fabric.protos.orderer.etcdraft.Options.newBuilder()
                .setTickInterval(GoDuration.format(options.tickInterval()))
                .setElectionTick(options.electionTicks())
                .setHeartbeatTick(options.heartbeatTicks())
                .setMaxInflightBlocks(options.maxInflightBlocks())
                .setSnapshotIntervalSize(options.snapshotIntervalBytes()));
        return ConsensusType.newBuilder()
                .setType(RaftMetadata.TYPE)
                .setMetadata(metadata.build().toByteString())
                .build();
    }

    private static ByteString pem(X509Certificate certificate) {
        return ByteString.copyFrom(Pem.of(certificate));
    }

    private GenesisTree sectionPolicies() {
        return implicit(READERS, ImplicitMetaPolicy.Rule.ANY, READERS)
                .implicit(WRITERS, ImplicitMetaPolicy.Rule.ANY, WRITERS)
                .implicit(ADMINS, ImplicitMetaPolicy.Rule.MAJORITY, ADMINS);
    }

    GenesisTree below(String name, ConfigGroup sub) {
        group.putGroups(name, sub);
        return this;
    }

    GenesisTree value(String name, MessageLite value) {
        return value(name, value, ADMINS);
    }

    GenesisTree value(String name, MessageLite value, String modPolicy) {
        group.putValues(
                name,
                ConfigValue.newBuilder()
                        .setValue(value.toByteString())
                        .setModPolicy(modPolicy)
                        .build());
        return this;
    }

    GenesisTree implicit(String name, ImplicitMetaPolicy.Rule rule, String subPolicy) {
        ImplicitMetaPolicy policy = ImplicitMetaPolicy.newBuilder()
                .setRule(rule)
                .setSubPolicy(subPolicy)
                .build();
        return policy(name, Policy.PolicyType.IMPLICIT_META_VALUE, policy);
    }

    /// One signature by any of the roles.
    private GenesisTree signed(String name, String mspId, MSPRole.MSPRoleType... roles) {
        SignaturePolicyEnvelope.Builder envelope = SignaturePolicyEnvelope.newBuilder();
        SignaturePolicy.NOutOf.Builder any = SignaturePolicy.NOutOf.newBuilder().setN(1);
        for (MSPRole.MSPRoleType role : List.of(roles)) {
            any.addRules(SignaturePolicy.newBuilder().setSignedBy(envelope.getIdentitiesCount()));
            MSPRole wire =
                    MSPRole.newBuilder().setMspIdentifier(mspId).setRole(role).build();
            envelope.addIdentities(MSPPrincipal.newBuilder()
                    .setPrincipalClassification(MSPPrincipal.Classification.ROLE)
                    .setPrincipal(wire.toByteString()));
        }
        envelope.setRule(SignaturePolicy.newBuilder().setNOutOf(any));
        return policy(name, Policy.PolicyType.SIGNATURE_VALUE, envelope.build());
    }

    GenesisTree policy(String name, int type, MessageLite policy) {
        return policy(name, type, policy, ADMINS);
    }

    GenesisTree policy(String name, int type, MessageLite policy, String modPolicy) {
        group.putPolicies(
                name,
                ConfigPolicy.newBuilder()
                        .setPolicy(Policy.newBuilder().setType(type).setValue(policy.toByteString()))
                        .setModPolicy(modPolicy)
                        .build());
        return this;
    }
}
