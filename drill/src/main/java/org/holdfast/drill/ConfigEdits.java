package org.holdfast.drill;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.function.Consumer;
import org.holdfast.env.Invariant;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.ImplicitMetaPolicy;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.orderer.BatchSize;
import org.hyperledger.fabric.protos.orderer.BatchTimeout;
import org.hyperledger.fabric.protos.peer.ACLs;
import org.hyperledger.fabric.protos.peer.APIResource;

/// Changes of a sandbox's config, one for each number: batch size, time-out, a policy, an access rule in turn, and now
/// and then a new organisation. Each differs from the one before of its kind.
final class ConfigEdits {
    private static final int KINDS = 4;
    /// The first new organisation, and the distance to the next.
    private static final int FOUNDING = 20;

    private static final String APPLICATION = "Application";
    private static final String ORDERER = "Orderer";

    private final Governor governor;

    ConfigEdits(Governor governor) {
        this.governor = governor;
    }

    /// What the change with a number does.
    Consumer<ConfigGroup.Builder> number(int number) {
        if (number % FOUNDING == FOUNDING / 2) {
            String mspId = "Org" + number + "MSP";
            FabricMSPConfig msp = governor.found("org" + number + ".drill.local", mspId);
            return tree -> organization(tree, "Org" + number, msp);
        }
        return switch (number % KINDS) {
            case 0 -> tree -> value(tree, ORDERER, "BatchSize", batchSize(tree, 50 + number));
            case 1 ->
                tree -> value(
                        tree,
                        ORDERER,
                        "BatchTimeout",
                        BatchTimeout.newBuilder()
                                .setTimeout(500 + number + "ms")
                                .build()
                                .toByteString());
            case 2 -> ConfigEdits::policy;
            default ->
                tree -> value(
                        tree,
                        APPLICATION,
                        "ACLs",
                        ACLs.newBuilder()
                                .putAcls(
                                        "event/Block" + number,
                                        APIResource.newBuilder()
                                                .setPolicyRef("/Channel/Application/Readers")
                                                .build())
                                .build()
                                .toByteString());
        };
    }

    private static ByteString batchSize(ConfigGroup.Builder tree, int messages) {
        try {
            ByteString before =
                    tree.getGroupsOrThrow(ORDERER).getValuesOrThrow("BatchSize").getValue();
            return BatchSize.parseFrom(before).toBuilder()
                    .setMaxMessageCount(messages)
                    .build()
                    .toByteString();
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("the config's BatchSize does not decode: %s", e);
        }
    }

    /// Whose endorsement peers ask for: nothing that keeps the drill's clients out.
    private static void policy(ConfigGroup.Builder tree) {
        ConfigGroup.Builder group = tree.getGroupsOrThrow(APPLICATION).toBuilder();
        ConfigPolicy before = group.getPoliciesOrThrow("Endorsement");
        ImplicitMetaPolicy.Rule rule =
                rule(before) == ImplicitMetaPolicy.Rule.ANY ? ImplicitMetaPolicy.Rule.ALL : ImplicitMetaPolicy.Rule.ANY;
        Policy policy = Policy.newBuilder()
                .setType(Policy.PolicyType.IMPLICIT_META_VALUE)
                .setValue(ImplicitMetaPolicy.newBuilder()
                        .setRule(rule)
                        .setSubPolicy("Endorsement")
                        .build()
                        .toByteString())
                .build();
        group.putPolicies("Endorsement", before.toBuilder().setPolicy(policy).build());
        tree.putGroups(APPLICATION, group.build());
    }

    private static ImplicitMetaPolicy.Rule rule(ConfigPolicy policy) {
        try {
            return ImplicitMetaPolicy.parseFrom(policy.getPolicy().getValue()).getRule();
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("the config's policy does not decode: %s", e);
        }
    }

    /// As the clients' organisation, with a member list of its own.
    private static void organization(ConfigGroup.Builder tree, String name, FabricMSPConfig msp) {
        ConfigGroup.Builder application = tree.getGroupsOrThrow(APPLICATION).toBuilder();
        ConfigGroup clients = application.getGroupsOrThrow("Clients");
        ConfigValue members = clients.getValuesOrThrow("MSP").toBuilder()
                .setValue(MSPConfig.newBuilder()
                        .setConfig(msp.toByteString())
                        .build()
                        .toByteString())
                .build();
        application.putGroups(
                name, clients.toBuilder().putValues("MSP", members).build());
        tree.putGroups(APPLICATION, application.build());
    }

    private static void value(ConfigGroup.Builder tree, String section, String key, ByteString bytes) {
        ConfigGroup.Builder group = tree.getGroupsOrThrow(section).toBuilder();
        ConfigValue before = group.getValuesOrDefault(
                key, ConfigValue.newBuilder().setModPolicy("Admins").build());
        group.putValues(key, before.toBuilder().setValue(bytes).build());
        tree.putGroups(section, group.build());
    }
}
