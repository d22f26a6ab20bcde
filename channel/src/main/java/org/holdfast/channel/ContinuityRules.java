package org.holdfast.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.holdfast.wire.Code;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.MSPConfig;

/// What may not change from one config to the next: which sections there are, and whose organisation an organisation
/// is.
final class ContinuityRules {
    private ContinuityRules() {}

    /// @throws UpdateFault telling what broke off
    static void check(ChannelConfig current, ChannelConfig next) {
        ConfigGroup before = current.tree().getChannelGroup();
        ConfigGroup after = next.tree().getChannelGroup();
        for (String section : List.of("Application", "Consortiums")) {
            if (before.containsGroups(section) && !after.containsGroups(section)) {
                throw fault("current config has %s section, but new config does not"
                        .formatted(section.toLowerCase(Locale.ROOT)));
            }
        }
        if (!before.containsGroups("Consortiums") && after.containsGroups("Consortiums")) {
            throw fault("current config has no consortiums section, but new config does: a channel is a system channel"
                    + " from its first block on, or never");
        }
        if (!current.consensusType().equals(next.consensusType()) && !FeatureLevel.migration(current)) {
            throw fault(
                    "attempted to change consensus type from %s to %s, which needs the capability V1_4_2 of /Channel"
                                    .formatted(current.consensusType(), next.consensusType())
                            + " and /Channel/Orderer");
        }
        Map<String, String> names = mspIds(current);
        mspIds(next).forEach((organization, mspId) -> {
            String old = names.get(organization);
            if (old != null && !old.equals(mspId)) {
                throw fault("%s attempted to change MSP ID from %s to %s".formatted(organization, old, mspId));
            }
        });
    }

    private static UpdateFault fault(String text) {
        return new UpdateFault(Code.UPDATE_INVALID, text);
    }

    /// By section and name, e.g. `application org Org1`.
    private static Map<String, String> mspIds(ChannelConfig config) {
        Map<String, String> found = new TreeMap<>();
        ConfigGroup root = config.tree().getChannelGroup();
        ConfigGroup none = ConfigGroup.getDefaultInstance();
        mspIds("orderer org ", root.getGroupsOrDefault("Orderer", none), found);
        mspIds("application org ", root.getGroupsOrDefault("Application", none), found);
        root.getGroupsOrDefault("Consortiums", none)
                .getGroupsMap()
                .forEach((name, consortium) -> mspIds("consortium " + name + " org ", consortium, found));
        return found;
    }

    private static void mspIds(String kind, ConfigGroup section, Map<String, String> found) {
        section.getGroupsMap().forEach((name, organization) -> {
            try {
                MSPConfig wire =
                        MSPConfig.parseFrom(organization.getValuesOrThrow("MSP").getValue());
                found.put(
                        kind + name, FabricMSPConfig.parseFrom(wire.getConfig()).getName());
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError("the MSPs of a config were read before", e);
            }
        });
    }
}
