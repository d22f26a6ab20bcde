package org.holdfast.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.Consortium;
import org.hyperledger.fabric.protos.common.OrdererAddresses;
import org.hyperledger.fabric.protos.orderer.ChannelRestrictions;
import org.hyperledger.fabric.protos.peer.ACLs;
import org.hyperledger.fabric.protos.peer.AnchorPeers;
import org.jspecify.annotations.Nullable;

/// What may stand where in a tree that an update makes. Asked of new configs only: [ConfigReader] reads on over what it
/// does not know.
///
/// Source of the names: Fabric's config groups.
final class TreeRules {
    private static final String CAPABILITIES = "Capabilities";
    private static final String ACCESS_RULES = "ACLs";
    private static final String ADDRESSES = "OrdererAddresses";
    private static final Set<String> SECTIONS = Set.of("Orderer", "Application", "Consortiums");
    private static final Set<String> CHANNEL_VALUES =
            Set.of("HashingAlgorithm", "BlockDataHashingStructure", ADDRESSES, "Consortium", CAPABILITIES);
    private static final Set<String> ORDERER_VALUES = Set.of(
            "ConsensusType",
            "BatchSize",
            "BatchTimeout",
            "KafkaBrokers",
            "ChannelRestrictions",
            CAPABILITIES,
            "Orderers");

    private final List<String> faults = new ArrayList<>();

    private TreeRules() {}

    /// What is wrong with a tree, one by one.
    static List<String> faults(ConfigGroup root) {
        TreeRules rules = new TreeRules();
        rules.channel(root);
        return rules.faults;
    }

    private void channel(ConfigGroup root) {
        only("/Channel", root, CHANNEL_VALUES);
        sorted(root.getGroupsMap()).forEach((name, section) -> {
            String path = "/Channel/" + name;
            switch (name) {
                case "Orderer" -> section(path, section, ORDERER_VALUES, Set.of("MSP", "Endpoints"));
                case "Application" ->
                    section(path, section, Set.of(CAPABILITIES, ACCESS_RULES), Set.of("MSP", "AnchorPeers"));
                case "Consortiums" -> {
                    only(path, section, Set.of());
                    sorted(section.getGroupsMap())
                            .forEach((consortium, group) -> section(
                                    path + "/" + consortium, group, Set.of("ChannelCreationPolicy"), Set.of("MSP")));
                }
                default -> faults.add("Disallowed channel group: %s, a channel has %s".formatted(path, SECTIONS));
            }
        });
        List<String> addresses = read(root, ADDRESSES, OrdererAddresses.parser(), OrdererAddresses.getDefaultInstance())
                .getAddressesList();
        if (addresses.isEmpty() && !FeatureLevel.ownEndpoints(FeatureLevel.names(root))) {
            faults.add("Must set some OrdererAddresses: without the capability V1_4_2 or a later one, /Channel needs"
                    + " the addresses of all orderers");
        }
        gates(root);
    }

    private void gates(ConfigGroup root) {
        ConfigGroup orderer = root.getGroupsOrDefault("Orderer", ConfigGroup.getDefaultInstance());
        ConfigGroup application = root.getGroupsOrDefault("Application", ConfigGroup.getDefaultInstance());
        if (!orderer.containsValues(CAPABILITIES)
                && (root.containsValues(CAPABILITIES) || application.containsValues(CAPABILITIES))) {
            faults.add("cannot enable channel or application capabilities without orderer support first:"
                    + " /Channel/Orderer/Capabilities is missing");
        }
        if (application.containsValues(ACCESS_RULES) && !FeatureLevel.accessRules(FeatureLevel.names(application))) {
            faults.add("ACLs may not be specified without the required capability: /Channel/Application/Capabilities"
                    + " needs V1_2 or a later one");
        }
    }

    private void section(String path, ConfigGroup group, Set<String> values, Set<String> ofMembers) {
        only(path, group, values);
        sorted(group.getGroupsMap()).forEach((name, member) -> {
            String at = path + "/" + name;
            only(at, member, ofMembers);
            if (member.getGroupsCount() > 0) {
                faults.add("%s holds groups, an organisation has none".formatted(at));
            }
        });
    }

    private void only(String path, ConfigGroup group, Set<String> known) {
        sorted(group.getValuesMap()).forEach((name, value) -> {
            if (known.contains(name)) {
                decodes(path + "/" + name, name, value);
            } else {
                faults.add("Unexpected key %s: %s has no such value".formatted(name, path));
            }
        });
    }

    /// The values that [ConfigReader] has no use for; the others it reads itself.
    private void decodes(String path, String name, ConfigValue value) {
        @Nullable
        Parser<?> parser = switch (name) {
            case "Consortium" -> Consortium.parser();
            // A list of texts as well; its own generated class is deprecated.
            case "KafkaBrokers" -> OrdererAddresses.parser();
            case "ChannelRestrictions" -> ChannelRestrictions.parser();
            case ACCESS_RULES -> ACLs.parser();
            case "AnchorPeers" -> AnchorPeers.parser();
            case "ChannelCreationPolicy" -> org.hyperledger.fabric.protos.common.Policy.parser();
            default -> null;
        };
        try {
            if (parser != null) {
                parser.parseFrom(value.getValue());
            }
        } catch (InvalidProtocolBufferException e) {
            faults.add("%s cannot be decoded: %s".formatted(path, e.getMessage()));
        }
    }

    /// An undecodable value counts as absent; [ConfigReader] tells that it is.
    private static <T> T read(ConfigGroup group, String name, Parser<T> parser, T absent) {
        try {
            ConfigValue value = group.getValuesMap().get(name);
            return value == null ? absent : parser.parseFrom(value.getValue());
        } catch (InvalidProtocolBufferException e) {
            return absent;
        }
    }

    private static <T> Map<String, T> sorted(Map<String, T> map) {
        return new TreeMap<>(map);
    }
}
