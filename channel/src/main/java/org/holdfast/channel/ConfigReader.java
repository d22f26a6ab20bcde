package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.Msp;
import org.holdfast.identity.MspSet;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.BlockDataHashingStructure;
import org.hyperledger.fabric.protos.common.Capabilities;
import org.hyperledger.fabric.protos.common.Config;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.HashingAlgorithm;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.OrdererAddresses;
import org.hyperledger.fabric.protos.common.Orderers;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.orderer.BatchTimeout;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.peer.ACLs;
import org.jspecify.annotations.Nullable;

/// Reads one config tree and notes every fault. Used by one thread, once.
final class ConfigReader {
    private static final String ORDERER = "Orderer";
    private static final String APPLICATION = "Application";
    private static final String CONSORTIUMS = "Consortiums";
    private static final String CAPABILITIES = "Capabilities";
    private static final int FABRIC_MSP = 0;
    private static final int WHOLE_WIDTH = -1;

    private final Crypto crypto;
    private final boolean anyLevel;
    private final List<String> faults = new ArrayList<>();
    private final List<Organization> organizations = new ArrayList<>();

    /// @param anyLevel whether features unknown to this version are read over, not faults
    private ConfigReader(Crypto crypto, boolean anyLevel) {
        this.crypto = crypto;
        this.anyLevel = anyLevel;
    }

    static ChannelConfig fromBlock(ByteString bytes, Crypto crypto, boolean anyLevel) {
        try {
            Block block = Decode.aliasing(Block.parser(), bytes);
            if (block.getData().getDataCount() != 1) {
                throw fault("it holds %d envelopes, a config block holds one"
                        .formatted(block.getData().getDataCount()));
            }
            EnvelopeView envelope = EnvelopeView.of(block.getData().getData(0));
            if (envelope.channelHeader().getType() != HeaderType.CONFIG_VALUE) {
                throw fault("its envelope is of type %d, not CONFIG"
                        .formatted(envelope.channelHeader().getType()));
            }
            String id = envelope.channelHeader().getChannelId();
            if (!ChannelId.isValid(id)) {
                throw fault("'%s' is no channel id".formatted(id));
            }
            Config config = ConfigEnvelope.parseFrom(envelope.data()).getConfig();
            return new ConfigReader(crypto, anyLevel)
                    .read(new ChannelId(id), block.getHeader().getNumber(), config);
        } catch (InvalidProtocolBufferException e) {
            throw fault("it cannot be decoded: " + e.getMessage());
        }
    }

    private static MalformedConfig fault(String text) {
        return new MalformedConfig(List.of(text));
    }

    static ChannelConfig read(ChannelId id, long blockNumber, Config config, Crypto crypto) {
        return new ConfigReader(crypto, true).read(id, blockNumber, config);
    }

    private ChannelConfig read(ChannelId id, long blockNumber, Config config) {
        ConfigGroup root = config.getChannelGroup();
        channelValues(root);
        ConfigGroup orderer = root.getGroupsMap().get(ORDERER);
        if (orderer == null) {
            throw fault("/Channel/Orderer is missing");
        }
        organizations("/Channel/Orderer", orderer, Organization.Section.ORDERER);
        ConfigGroup application = root.getGroupsOrDefault(APPLICATION, ConfigGroup.getDefaultInstance());
        organizations("/Channel/Application", application, Organization.Section.APPLICATION);
        ConfigGroup consortiums = root.getGroupsOrDefault(CONSORTIUMS, ConfigGroup.getDefaultInstance());
        new TreeMap<>(consortiums.getGroupsMap())
                .forEach((name, group) ->
                        organizations("/Channel/Consortiums/" + name, group, Organization.Section.CONSORTIUM));
        PolicyGroup policies = policies("/Channel", root);
        ChannelConfig.Parts parts = new ChannelConfig.Parts(
                id,
                blockNumber,
                config,
                consensus(orderer),
                batchSize(orderer),
                batchTimeout(orderer),
                new ChannelConfig.Capabilities(
                        features("/Channel", root, FeatureLevel.CHANNEL),
                        features("/Channel/Orderer", orderer, FeatureLevel.ORDERER),
                        features("/Channel/Application", application, null)),
                organizations,
                value(
                                "/Channel",
                                root,
                                "OrdererAddresses",
                                OrdererAddresses.parser(),
                                OrdererAddresses.getDefaultInstance())
                        .getAddressesList(),
                acls(application),
                policies);
        MspSet msps = msps();
        if (!faults.isEmpty()) {
            throw new MalformedConfig(faults);
        }
        return new ChannelConfig(parts, msps, crypto);
    }

    private SortedMap<String, String> acls(ConfigGroup application) {
        SortedMap<String, String> found = new TreeMap<>();
        value("/Channel/Application", application, "ACLs", ACLs.parser(), ACLs.getDefaultInstance())
                .getAclsMap()
                .forEach((resource, rule) -> found.put(resource, rule.getPolicyRef()));
        return found;
    }

    private MspSet msps() {
        try {
            return MspSet.of(organizations.stream().map(Organization::msp).toList());
        } catch (BadMaterial e) {
            faults.add(String.valueOf(e.getMessage()));
            return MspSet.of(List.of());
        }
    }

    private void channelValues(ConfigGroup root) {
        String hash = value(
                        "/Channel",
                        root,
                        "HashingAlgorithm",
                        HashingAlgorithm.parser(),
                        HashingAlgorithm.getDefaultInstance())
                .getName();
        if (!Set.of("SHA256", "SHA3_256").contains(hash)) {
            faults.add("/Channel/HashingAlgorithm is '%s', not SHA256".formatted(hash));
        }
        int width = value(
                        "/Channel",
                        root,
                        "BlockDataHashingStructure",
                        BlockDataHashingStructure.parser(),
                        BlockDataHashingStructure.getDefaultInstance())
                .getWidth();
        if (width != WHOLE_WIDTH) {
            faults.add(("/Channel/BlockDataHashingStructure is %s: BlockDataHashStructure width only supported at"
                            + " MaxUint32 (4294967295)")
                    .formatted(Integer.toUnsignedString(width)));
        }
    }

    private void organizations(String path, ConfigGroup group, Organization.Section section) {
        new TreeMap<>(group.getGroupsMap()).forEach((name, organization) -> {
            String at = path + "/" + name;
            MSPConfig wire = value(at, organization, "MSP", MSPConfig.parser(), MSPConfig.getDefaultInstance());
            Msp msp = msp(at, wire);
            List<String> endpoints = value(
                            at,
                            organization,
                            "Endpoints",
                            OrdererAddresses.parser(),
                            OrdererAddresses.getDefaultInstance())
                    .getAddressesList();
            if (msp != null) {
                organizations.add(new Organization(name, section, msp, endpoints));
            }
        });
    }

    private @Nullable Msp msp(String path, MSPConfig wire) {
        if (wire.getType() != FABRIC_MSP) {
            faults.add("%s/MSP is of type %d, only X.509 MSPs (0) are supported".formatted(path, wire.getType()));
            return null;
        }
        try {
            return Msp.of(FabricMSPConfig.parseFrom(wire.getConfig()), crypto);
        } catch (InvalidProtocolBufferException | BadMaterial e) {
            faults.add("%s/MSP: %s".formatted(path, e.getMessage()));
            return null;
        }
    }

    private PolicyGroup policies(String path, ConfigGroup group) {
        Map<String, Policy> policies = new TreeMap<>();
        for (Map.Entry<String, ConfigPolicy> entry : new TreeMap<>(group.getPoliciesMap()).entrySet()) {
            try {
                policies.put(entry.getKey(), Policy.of(entry.getValue()));
            } catch (BadMaterial e) {
                faults.add("%s/%s: %s".formatted(path, entry.getKey(), e.getMessage()));
            }
        }
        Map<String, PolicyGroup> below = new TreeMap<>();
        new TreeMap<>(group.getGroupsMap()).forEach((name, sub) -> below.put(name, policies(path + "/" + name, sub)));
        return new PolicyGroup(policies, below);
    }

    private ChannelConfig.Consensus consensus(ConfigGroup orderer) {
        ConsensusType wire = value(
                "/Channel/Orderer",
                orderer,
                "ConsensusType",
                ConsensusType.parser(),
                ConsensusType.getDefaultInstance());
        ConsensusState state = wire.getState() == ConsensusType.State.STATE_MAINTENANCE
                ? ConsensusState.MAINTENANCE
                : ConsensusState.NORMAL;
        Orderers mapping =
                value("/Channel/Orderer", orderer, "Orderers", Orderers.parser(), Orderers.getDefaultInstance());
        return RaftMetadata.read(wire.getType(), state, wire.getMetadata(), mapping);
    }

    private BatchSize batchSize(ConfigGroup orderer) {
        var wire = value(
                "/Channel/Orderer",
                orderer,
                "BatchSize",
                org.hyperledger.fabric.protos.orderer.BatchSize.parser(),
                org.hyperledger.fabric.protos.orderer.BatchSize.getDefaultInstance());
        BatchSize size =
                new BatchSize(wire.getMaxMessageCount(), wire.getAbsoluteMaxBytes(), wire.getPreferredMaxBytes());
        positive("max message count", size.maxMessages());
        positive("absolute max bytes", size.absoluteMaxBytes());
        positive("preferred max bytes", size.preferredMaxBytes());
        if (size.preferredMaxBytes() > size.absoluteMaxBytes()) {
            faults.add(("/Channel/Orderer/BatchSize prefers more bytes than it allows: preferred_max_bytes is %d, which"
                            + " must not be more than absolute_max_bytes, %d")
                    .formatted(size.preferredMaxBytes(), size.absoluteMaxBytes()));
        }
        return size;
    }

    /// The words are Fabric's: operators look for them.
    private void positive(String limit, int value) {
        if (value <= 0) {
            faults.add(("/Channel/Orderer/BatchSize: Attempted to set the batch size %s to an invalid value: %s (1 to"
                            + " 2147483647)")
                    .formatted(limit, Integer.toUnsignedString(value)));
        }
    }

    private Duration batchTimeout(ConfigGroup orderer) {
        String text = value(
                        "/Channel/Orderer",
                        orderer,
                        "BatchTimeout",
                        BatchTimeout.parser(),
                        BatchTimeout.getDefaultInstance())
                .getTimeout();
        Duration timeout = GoDuration.parse(text);
        if (timeout == null) {
            faults.add("/Channel/Orderer/BatchTimeout is '%s', not a duration such as 2s or 500ms".formatted(text));
            return Duration.ZERO;
        }
        if (timeout.isNegative() || timeout.isZero()) {
            faults.add("/Channel/Orderer/BatchTimeout: Attempted to set the batch timeout to a non-positive value: "
                    + text);
        }
        return timeout;
    }

    /// The names of a section's capabilities.
    ///
    /// @param known null: any name is accepted, as Fabric's orderers do for application features
    private SortedSet<String> features(String path, ConfigGroup group, @Nullable Set<String> known) {
        SortedSet<String> names =
                new TreeSet<>(value(path, group, CAPABILITIES, Capabilities.parser(), Capabilities.getDefaultInstance())
                        .getCapabilitiesMap()
                        .keySet());
        if (!anyLevel && known != null && !known.containsAll(names)) {
            names.stream()
                    .filter(name -> !known.contains(name))
                    .forEach(name -> faults.add(
                            ("%s/Capabilities requires %s, which this version does not know: upgrade this node to a"
                                            + " version that does, other channels go on")
                                    .formatted(path, name)));
        }
        return names;
    }

    private <T extends Message> T value(String path, ConfigGroup group, String name, Parser<T> parser, T absent) {
        var found = group.getValuesMap().get(name);
        if (found == null) {
            return absent;
        }
        try {
            return parser.parseFrom(found.getValue());
        } catch (InvalidProtocolBufferException e) {
            faults.add("%s/%s cannot be decoded: %s".formatted(path, name, e.getMessage()));
            return absent;
        }
    }
}
