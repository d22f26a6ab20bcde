package org.holdfast.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.hyperledger.fabric.protos.common.Capabilities;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigValue;

/// What the members of a channel must be able to do: Fabric's capabilities and FISCO's compatibility version as one
/// number. The names stand in the config; the highest one known is the level. It is raised by a config update, never
/// lowered, and block 0 keeps the one the channel began with (docs/feature-levels.md).
///
/// @param number 0 for a channel that asks for nothing; grows with the names
/// @param name of the capability that sets it, e.g. `V2_0`; `none` for 0
public record FeatureLevel(int number, String name) implements Comparable<FeatureLevel> {
    private static final List<String> NAMES =
            List.of("none", "V1_1", "V1_2", "V1_3", "V1_4_2", "V1_4_3", "V2_0", "V2_5", "V3_0");
    static final Set<String> CHANNEL = Set.of("V1_1", "V1_3", "V1_4_2", "V1_4_3", "V2_0", "V3_0");
    static final Set<String> ORDERER = Set.of("V1_1", "V1_4_2", "V2_0");
    private static final Set<String> APPLICATION = Set.of("V1_1", "V1_2", "V1_3", "V1_4_2", "V2_0", "V2_5");
    /// Of Fabric 1.1's experiments; they change nothing for orderers.
    private static final Set<String> EXPERIMENTS =
            Set.of("V1_1_PVTDATA_EXPERIMENTAL", "V1_1_RESOURCETREE_EXPERIMENTAL");

    /// The highest level this program orders at.
    public static final FeatureLevel OURS = named("V3_0");

    /// What a channel's orderers must be able to do.
    public static FeatureLevel of(ChannelConfig config) {
        FeatureLevel channel = highest(config.channelCapabilities());
        FeatureLevel orderer = highest(config.ordererCapabilities());
        return channel.compareTo(orderer) >= 0 ? channel : orderer;
    }

    /// What a channel asks of its orderers that this program does not know; empty when it can order the channel.
    public static List<String> unsupported(ChannelConfig config) {
        return unsupported(config.tree().getChannelGroup());
    }

    /// The same of a tree of which nothing else needs to be readable: a later level may have other values.
    static List<String> unsupported(ConfigGroup root) {
        ConfigGroup orderer = root.getGroupsOrDefault("Orderer", ConfigGroup.getDefaultInstance());
        List<String> found = new ArrayList<>();
        unknown("Channel", names(root), CHANNEL, found);
        unknown("Orderer", names(orderer), ORDERER, found);
        return List.copyOf(found);
    }

    /// The capabilities that stand in a group; none when they cannot be decoded.
    static SortedSet<String> names(ConfigGroup group) {
        try {
            return new TreeSet<>(
                    Capabilities.parseFrom(group.getValuesOrDefault("Capabilities", ConfigValue.getDefaultInstance())
                                    .getValue())
                            .getCapabilitiesMap()
                            .keySet());
        } catch (InvalidProtocolBufferException e) {
            return new TreeSet<>();
        }
    }

    private static void unknown(String section, SortedSet<String> names, Set<String> known, List<String> found) {
        names.stream()
                .filter(name -> !known.contains(name))
                .forEach(name -> found.add("%s capability %s is required but not supported".formatted(section, name)));
    }

    /// Features asked of peers that no peer is known to have.
    static List<String> unknownToPeers(ChannelConfig config) {
        return config.applicationCapabilities().stream()
                .filter(name -> !APPLICATION.contains(name) && !EXPERIMENTS.contains(name))
                .toList();
    }

    /// The sections of a config in which the level would fall, each readable alone.
    static List<String> lowered(ChannelConfig before, ChannelConfig after) {
        List<String> found = new ArrayList<>();
        lowered("/Channel", before.channelCapabilities(), after.channelCapabilities(), found);
        lowered("/Channel/Orderer", before.ordererCapabilities(), after.ordererCapabilities(), found);
        lowered("/Channel/Application", before.applicationCapabilities(), after.applicationCapabilities(), found);
        return found;
    }

    private static void lowered(String path, Collection<String> before, Collection<String> after, List<String> found) {
        FeatureLevel old = highest(before);
        FeatureLevel now = highest(after);
        if (now.compareTo(old) < 0) {
            found.add("%s/Capabilities from %s to %s".formatted(path, old.name, now.name));
        }
    }

    /// Whether the channel may change its consensus type, and knows maintenance: orderers and channel at V1_4_2 or
    /// more.
    static boolean migration(ChannelConfig config) {
        FeatureLevel wanted = named("V1_4_2");
        return highest(config.ordererCapabilities()).compareTo(wanted) >= 0
                && highest(config.channelCapabilities()).compareTo(wanted) >= 0;
    }

    /// Whether organisations name their own orderers' addresses: names of a channel's capabilities.
    static boolean ownEndpoints(Collection<String> channelCapabilities) {
        return highest(channelCapabilities).compareTo(named("V1_4_2")) >= 0;
    }

    /// Whether access rules may stand in the application section: names of its capabilities.
    static boolean accessRules(Collection<String> applicationCapabilities) {
        return highest(applicationCapabilities).compareTo(named("V1_2")) >= 0;
    }

    private static FeatureLevel highest(Collection<String> names) {
        int highest = 0;
        for (String name : names) {
            highest = Math.max(highest, NAMES.indexOf(name));
        }
        return new FeatureLevel(highest, NAMES.get(highest));
    }

    private static FeatureLevel named(String name) {
        return new FeatureLevel(NAMES.indexOf(name), name);
    }

    @Override
    public int compareTo(FeatureLevel other) {
        return Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return name;
    }
}
