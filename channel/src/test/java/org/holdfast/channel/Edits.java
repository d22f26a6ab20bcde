package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.AbstractThrowableAssert;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.Capabilities;
import org.hyperledger.fabric.protos.common.Capability;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.orderer.BatchTimeout;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;

/// Edits of config trees, and the questions tests ask of what comes of them. The members are made once.
final class Edits {
    static final Members MEMBERS = new Members(3);
    static final ChannelConfig FIRST = MEMBERS.genesis;
    static final List<String> ORDERERS = List.of("Orderers");
    static final List<String> MAJORITY = List.of("Org1", "Org2");
    static final List<String> EVERYBODY = List.of("Orderers", "Org1", "Org2", "Org3");

    private Edits() {}

    static AbstractThrowableAssert<?, ? extends Throwable> refuse(
            ChannelConfig config, EnvelopeView update, Code code) {
        return assertThatThrownBy(() -> propose(config, update))
                .isInstanceOfSatisfying(
                        Refusal.Refused.class,
                        refused -> assertThat(refused.refusal().code())
                                .as(refused.refusal().text())
                                .isEqualTo(code));
    }

    static Code code(Runnable question) {
        try {
            question.run();
        } catch (Refusal.Refused e) {
            return e.refusal().code();
        }
        throw new AssertionError("nothing was refused");
    }

    static ConfigProposal propose(ChannelConfig config, EnvelopeView update) {
        return ConfigUpdates.of(config).propose(update, MEMBERS.now(config));
    }

    static EnvelopeView envelope(ConfigProposal proposal) {
        return proposal.envelope(MEMBERS.admin("Orderers"), Members.WORLD);
    }

    static long now() {
        return Members.WORLD.clock().wallMillis();
    }

    static ChannelConfig edited(Consumer<ConfigGroup.Builder> change) {
        return edited(FIRST, change);
    }

    static ChannelConfig edited(ChannelConfig config, Consumer<ConfigGroup.Builder> change) {
        return ChannelConfig.of(
                config.id(),
                0,
                config.tree().toBuilder()
                        .setChannelGroup(Members.edited(config, change))
                        .build(),
                Golden.CRYPTO);
    }

    static Consumer<ConfigGroup.Builder> timeout(String text) {
        return root -> Members.below(
                root,
                "Orderer",
                orderer -> orderer.putValues(
                        "BatchTimeout",
                        Members.value(BatchTimeout.newBuilder().setTimeout(text).build())));
    }

    static Consumer<ConfigGroup.Builder> state(ConsensusType.State state) {
        return consensus(type -> type.setState(state));
    }

    static Consumer<ConfigGroup.Builder> consensus(Consumer<ConsensusType.Builder> change) {
        return root -> Members.below(root, "Orderer", orderer -> {
            try {
                ConsensusType.Builder type =
                        ConsensusType.parseFrom(
                                orderer.getValuesOrThrow("ConsensusType").getValue())
                                .toBuilder();
                change.accept(type);
                orderer.putValues("ConsensusType", Members.value(type.build()));
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        });
    }

    static Consumer<ConfigGroup.Builder> metadata(Consumer<ConfigMetadata.Builder> change) {
        return consensus(type -> {
            try {
                ConfigMetadata.Builder raft = ConfigMetadata.parseFrom(type.getMetadata()).toBuilder();
                change.accept(raft);
                type.setMetadata(raft.build().toByteString());
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        });
    }

    static org.hyperledger.fabric.protos.orderer.etcdraft.Consenter wire(Consenter consenter) {
        ByteString pem = ByteString.copyFrom(org.holdfast.identity.Pem.of(consenter.clientTls()));
        return org.hyperledger.fabric.protos.orderer.etcdraft.Consenter.newBuilder()
                .setHost(consenter.host())
                .setPort(consenter.port())
                .setClientTlsCert(pem)
                .setServerTlsCert(pem)
                .build();
    }

    static void capability(ConfigGroup.Builder group, String... names) {
        Capabilities.Builder capabilities = Capabilities.newBuilder();
        for (String name : names) {
            capabilities.putCapabilities(name, Capability.getDefaultInstance());
        }
        group.putValues("Capabilities", Members.value(capabilities.build()));
    }

    static ConfigGroup organization(String name) {
        ConfigGroup like =
                FIRST.tree().getChannelGroup().getGroupsOrThrow("Application").getGroupsOrThrow("Org1");
        ConfigGroup.Builder group = like.toBuilder();
        group.putValues(
                "MSP",
                Members.value(MSPConfig.newBuilder()
                        .setConfig(MEMBERS.msp(name).toByteString())
                        .build()));
        like.getPoliciesMap().forEach((policy, wire) -> {
            var signature = org.hyperledger.fabric.protos.common.SignaturePolicyEnvelope.newBuilder();
            try {
                signature.mergeFrom(wire.getPolicy().getValue());
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
            signature.getIdentitiesBuilderList().forEach(identity -> {
                try {
                    identity.setPrincipal(
                            org.hyperledger.fabric.protos.common.MSPRole.parseFrom(identity.getPrincipal()).toBuilder()
                                    .setMspIdentifier(name + "MSP")
                                    .build()
                                    .toByteString());
                } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
            });
            group.putPolicies(
                    policy,
                    wire.toBuilder()
                            .setPolicy(wire.getPolicy().toBuilder()
                                    .setValue(signature.build().toByteString()))
                            .build());
        });
        return group.build();
    }

    static ConfigUpdate updateOf(EnvelopeView envelope) {
        try {
            return ConfigUpdate.parseFrom(
                    org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope.parseFrom(envelope.data())
                            .getConfigUpdate());
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    static org.hyperledger.fabric.protos.common.Envelope parse(EnvelopeView envelope) {
        try {
            return org.hyperledger.fabric.protos.common.Envelope.parseFrom(envelope.bytes());
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
