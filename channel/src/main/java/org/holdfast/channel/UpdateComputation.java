package org.holdfast.channel;

import java.util.Map;
import java.util.TreeMap;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigValue;

/// The smallest read and write sets that turn one tree into another, as configtxlator's compute_update makes them.
/// Versions in the wanted tree mean nothing; those of the original do.
///
/// A group whose members stay needs only its changed members written. A group that gains or loses one gets the next
/// version; then it lists all its members, and the unchanged ones stand in both sets by their version alone.
final class UpdateComputation {
    private UpdateComputation() {}

    /// @throws UpdateFault when nothing differs
    static ConfigUpdate of(ChannelId channel, ConfigGroup original, ConfigGroup updated) {
        Sets sets = group(original, updated);
        if (!sets.changed) {
            throw new UpdateFault(Code.UPDATE_INVALID, "no differences detected between original and updated config");
        }
        return ConfigUpdate.newBuilder()
                .setChannelId(channel.name())
                .setReadSet(sets.read)
                .setWriteSet(sets.write)
                .build();
    }

    private record Sets(ConfigGroup read, ConfigGroup write, boolean changed) {}

    /// The members of one group, sorted into unchanged and changed.
    private static final class Members {
        final ConfigGroup.Builder same = ConfigGroup.newBuilder();
        final ConfigGroup.Builder read = ConfigGroup.newBuilder();
        final ConfigGroup.Builder write = ConfigGroup.newBuilder();
        boolean otherMembers;
        boolean changed;
    }

    private static Sets group(ConfigGroup original, ConfigGroup updated) {
        Members members = new Members();
        policies(original, updated, members);
        values(original, updated, members);
        groups(original, updated, members);
        long version = original.getVersion();
        if (!members.otherMembers && original.getModPolicy().equals(updated.getModPolicy())) {
            ConfigGroup read = members.read.setVersion(version).build();
            return members.changed
                    ? new Sets(read, members.write.setVersion(version).build(), true)
                    : new Sets(ConfigGroup.newBuilder().setVersion(version).build(), read, false);
        }
        return new Sets(
                members.read.mergeFrom(members.same.build()).setVersion(version).build(),
                members.write
                        .mergeFrom(members.same.build())
                        .setVersion(version + 1)
                        .setModPolicy(updated.getModPolicy())
                        .build(),
                true);
    }

    private static void policies(ConfigGroup original, ConfigGroup updated, Members members) {
        Map<String, ConfigPolicy> wanted = new TreeMap<>(updated.getPoliciesMap());
        original.getPoliciesMap().forEach((name, old) -> {
            ConfigPolicy now = wanted.remove(name);
            if (now == null) {
                members.otherMembers = true;
            } else if (old.getModPolicy().equals(now.getModPolicy())
                    && old.getPolicy().equals(now.getPolicy())) {
                members.same.putPolicies(
                        name,
                        ConfigPolicy.newBuilder().setVersion(old.getVersion()).build());
            } else {
                members.changed = true;
                members.write.putPolicies(
                        name, now.toBuilder().setVersion(old.getVersion() + 1).build());
            }
        });
        wanted.forEach((name, now) -> {
            members.otherMembers = true;
            members.write.putPolicies(name, now.toBuilder().setVersion(0).build());
        });
    }

    private static void values(ConfigGroup original, ConfigGroup updated, Members members) {
        Map<String, ConfigValue> wanted = new TreeMap<>(updated.getValuesMap());
        original.getValuesMap().forEach((name, old) -> {
            ConfigValue now = wanted.remove(name);
            if (now == null) {
                members.otherMembers = true;
            } else if (old.getModPolicy().equals(now.getModPolicy())
                    && old.getValue().equals(now.getValue())) {
                members.same.putValues(
                        name,
                        ConfigValue.newBuilder().setVersion(old.getVersion()).build());
            } else {
                members.changed = true;
                members.write.putValues(
                        name, now.toBuilder().setVersion(old.getVersion() + 1).build());
            }
        });
        wanted.forEach((name, now) -> {
            members.otherMembers = true;
            members.write.putValues(name, now.toBuilder().setVersion(0).build());
        });
    }

    private static void groups(ConfigGroup original, ConfigGroup updated, Members members) {
        Map<String, ConfigGroup> wanted = new TreeMap<>(updated.getGroupsMap());
        original.getGroupsMap().forEach((name, old) -> {
            ConfigGroup now = wanted.remove(name);
            if (now == null) {
                members.otherMembers = true;
                return;
            }
            Sets sets = group(old, now);
            if (sets.changed) {
                members.changed = true;
                members.read.putGroups(name, sets.read);
                members.write.putGroups(name, sets.write);
            } else {
                members.same.putGroups(name, sets.read);
            }
        });
        wanted.forEach((name, now) -> {
            members.otherMembers = true;
            members.write.putGroups(name, added(now));
        });
    }

    /// A new group, everything below it at version 0.
    private static ConfigGroup added(ConfigGroup now) {
        ConfigGroup.Builder group = ConfigGroup.newBuilder().setModPolicy(now.getModPolicy());
        now.getPoliciesMap()
                .forEach((name, policy) ->
                        group.putPolicies(name, policy.toBuilder().setVersion(0).build()));
        now.getValuesMap()
                .forEach((name, value) ->
                        group.putValues(name, value.toBuilder().setVersion(0).build()));
        now.getGroupsMap().forEach((name, below) -> group.putGroups(name, added(below)));
        return group.build();
    }
}
