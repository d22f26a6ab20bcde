package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import java.util.function.Consumer;
import org.hyperledger.fabric.protos.common.Capabilities;
import org.hyperledger.fabric.protos.common.Capability;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.ImplicitMetaPolicy;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.orderer.BatchSize;
import org.hyperledger.fabric.protos.orderer.BatchTimeout;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;

/// What the tests change in a config tree.
final class Edits {
    private Edits() {}

    static Consumer<ConfigGroup.Builder> maxMessages(int count) {
        return tree -> orderer(tree, "BatchSize", value -> {
            BatchSize.Builder size = BatchSize.parseFrom(value).toBuilder();
            return size.setMaxMessageCount(count).build();
        });
    }

    static Consumer<ConfigGroup.Builder> batchTimeout(String duration) {
        return tree -> orderer(
                tree,
                "BatchTimeout",
                value -> BatchTimeout.newBuilder().setTimeout(duration).build());
    }

    static Consumer<ConfigGroup.Builder> state(ConsensusType.State state) {
        return consensus(type -> type.setState(state));
    }

    static Consumer<ConfigGroup.Builder> type(String name) {
        return consensus(type -> type.setType(name).clearMetadata());
    }

    static Consumer<ConfigGroup.Builder> metadata(Consumer<ConfigMetadata.Builder> edit) {
        return consensus(type -> {
            ConfigMetadata.Builder metadata = ConfigMetadata.parseFrom(type.getMetadata()).toBuilder();
            edit.accept(metadata);
            return type.setMetadata(metadata.build().toByteString());
        });
    }

    /// Of the users only their admins may write.
    static void usersAdminsOnly(ConfigGroup.Builder tree) {
        ConfigGroup.Builder users = tree.getGroupsOrThrow("Application").toBuilder();
        ConfigPolicy before = users.getPoliciesOrThrow("Writers");
        Policy admins = Policy.newBuilder()
                .setType(Policy.PolicyType.IMPLICIT_META_VALUE)
                .setValue(ImplicitMetaPolicy.newBuilder()
                        .setRule(ImplicitMetaPolicy.Rule.ANY)
                        .setSubPolicy("Admins")
                        .build()
                        .toByteString())
                .build();
        users.putPolicies("Writers", before.toBuilder().setPolicy(admins).build());
        tree.putGroups("Application", users.build());
    }

    /// The channel asks for a feature that nobody has yet.
    static void ofTomorrow(ConfigGroup.Builder tree) {
        ConfigValue before = tree.getValuesOrThrow("Capabilities");
        ByteString value = Capabilities.newBuilder()
                .putCapabilities("V9_9", Capability.getDefaultInstance())
                .build()
                .toByteString();
        tree.putValues("Capabilities", before.toBuilder().setValue(value).build());
    }

    private interface Change<T, R> {
        R of(T before) throws InvalidProtocolBufferException;
    }

    private static Consumer<ConfigGroup.Builder> consensus(Change<ConsensusType.Builder, ConsensusType.Builder> edit) {
        return tree -> orderer(
                tree,
                "ConsensusType",
                value -> edit.of(ConsensusType.parseFrom(value).toBuilder()).build());
    }

    private static void orderer(ConfigGroup.Builder tree, String key, Change<ByteString, MessageLite> edit) {
        try {
            ConfigGroup.Builder orderer = tree.getGroupsOrThrow("Orderer").toBuilder();
            ConfigValue before = orderer.getValuesOrThrow(key);
            ByteString after = edit.of(before.getValue()).toByteString();
            orderer.putValues(key, before.toBuilder().setValue(after).build());
            tree.putGroups("Orderer", orderer.build());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
