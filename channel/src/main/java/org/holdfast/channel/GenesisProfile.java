package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.holdfast.env.YamlTree;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.MspDirectory;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.BlockDataHashingStructure;
import org.hyperledger.fabric.protos.common.Capabilities;
import org.hyperledger.fabric.protos.common.Capability;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.Consortium;
import org.hyperledger.fabric.protos.common.HashingAlgorithm;
import org.hyperledger.fabric.protos.common.ImplicitMetaPolicy;
import org.hyperledger.fabric.protos.common.OrdererAddresses;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.common.SignaturePolicy;
import org.hyperledger.fabric.protos.common.SignaturePolicyEnvelope;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.orderer.BatchTimeout;
import org.hyperledger.fabric.protos.orderer.ChannelRestrictions;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.orderer.KafkaBrokers;
import org.hyperledger.fabric.protos.peer.ACLs;
import org.hyperledger.fabric.protos.peer.APIResource;
import org.hyperledger.fabric.protos.peer.AnchorPeer;
import org.hyperledger.fabric.protos.peer.AnchorPeers;
import org.jspecify.annotations.Nullable;

/// A profile of Fabric's `configtx.yaml`: the config tree of a new channel, application or system. Paths in the file
/// are relative to it. Every fault is noted with its path; an unknown key is a fault, as it is for `configtxgen`.
///
/// Source of keys, defaults and the tree's shape: `configtxgen` 2.2 and 2.5. Read by one thread.
public final class GenesisProfile {
    private static final String ADMINS = "Admins";
    private static final String ORDERER_ADMINS = "/Channel/Orderer/Admins";
    private static final String ORDERER = "Orderer";
    private static final String APPLICATION = "Application";
    private static final String CONSORTIUMS = "Consortiums";
    private static final List<String> EVERY_GROUP = List.of("Readers", "Writers", ADMINS);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final BatchSize BATCH = GenesisPlan.Settings.SAMPLE.batchSize();

    private final Disk disk;
    private final Path home;
    private final ConfigGroup tree;

    private GenesisProfile(Disk disk, Path file, YamlTree root, String profile) {
        this.disk = disk;
        Path parent = file.toAbsolutePath().getParent();
        this.home = parent == null ? Path.of("/") : parent;
        YamlTree at = root.at("Profiles").at(profile);
        if (!at.present()) {
            root.at("Profiles")
                    .fault("has no profile '%s'; it has %s"
                            .formatted(
                                    profile,
                                    String.join(
                                            ", ", root.at("Profiles").entries().keySet())));
            this.tree = ConfigGroup.getDefaultInstance();
        } else {
            this.tree = channel(at);
        }
    }

    /// Reads a profile.
    ///
    /// @param file a configtx.yaml
    /// @param profile a key under `Profiles`
    /// @throws MalformedConfig listing every fault with its path and line
    public static GenesisProfile read(Disk disk, Path file, String profile) {
        if (!disk.exists(file)) {
            throw new MalformedConfig(List.of(file + " does not exist"));
        }
        YamlTree root = YamlTree.of(file.toString(), disk.read(file));
        GenesisProfile read = new GenesisProfile(disk, file, root, profile);
        if (!root.faults().isEmpty()) {
            // An organisation is read wherever it is used.
            throw new MalformedConfig(List.copyOf(new TreeSet<>(root.faults())));
        }
        return read;
    }

    /// Whether it makes a system channel: one with consortiums, from which other channels are made.
    public boolean system() {
        return tree.containsGroups(CONSORTIUMS);
    }

    /// Makes block 0 of a channel and reads it back.
    ///
    /// @return serialized `common.Block`
    /// @throws MalformedConfig listing what cannot be used
    public ByteString block(ChannelId channel, World world, Crypto crypto) {
        return Genesis.block(channel, tree, world, crypto);
    }

    private ConfigGroup channel(YamlTree at) {
        at.onlyKeys(Set.of("Consortium", APPLICATION, ORDERER, CONSORTIUMS, "Capabilities", "Policies"));
        GenesisTree channel = new GenesisTree()
                .value(
                        "HashingAlgorithm",
                        HashingAlgorithm.newBuilder().setName("SHA256").build())
                .value(
                        "BlockDataHashingStructure",
                        BlockDataHashingStructure.newBuilder().setWidth(-1).build());
        policies(channel, at, EVERY_GROUP);
        capabilities(channel, at);
        at.at("Consortium")
                .text()
                .ifPresent(name -> channel.value(
                        "Consortium", Consortium.newBuilder().setName(name).build()));
        if (!at.at(ORDERER).present()) {
            at.fault("has no Orderer section: nobody could order the channel");
            return channel.group();
        }
        List<String> addresses = at.at(ORDERER).at("Addresses").texts();
        if (!addresses.isEmpty()) {
            channel.value(
                    "OrdererAddresses",
                    OrdererAddresses.newBuilder().addAllAddresses(addresses).build(),
                    ORDERER_ADMINS);
        }
        channel.below(ORDERER, orderer(at.at(ORDERER)));
        if (at.at(APPLICATION).present()) {
            channel.below(APPLICATION, application(at.at(APPLICATION)));
        }
        if (at.at(CONSORTIUMS).present()) {
            channel.below(CONSORTIUMS, consortiums(at.at(CONSORTIUMS)));
        } else if (!at.at(APPLICATION).present()) {
            at.fault("has neither an Application section (a channel) nor Consortiums (a system channel)");
        }
        return channel.group();
    }

    private ConfigGroup orderer(YamlTree at) {
        at.onlyKeys(Set.of(
                "OrdererType",
                "Addresses",
                "BatchTimeout",
                "BatchSize",
                "Kafka",
                "EtcdRaft",
                "Organizations",
                "MaxChannels",
                "Capabilities",
                "Policies"));
        GenesisTree orderer = new GenesisTree();
        List<String> wanted = new ArrayList<>(EVERY_GROUP);
        wanted.add("BlockValidation");
        policies(orderer, at, wanted);
        YamlTree size = at.at("BatchSize");
        size.onlyKeys(Set.of("MaxMessageCount", "AbsoluteMaxBytes", "PreferredMaxBytes"));
        orderer.value(
                "BatchSize",
                org.hyperledger.fabric.protos.orderer.BatchSize.newBuilder()
                        .setMaxMessageCount(
                                size.at("MaxMessageCount").number(BATCH.maxMessages(), 1, Integer.MAX_VALUE))
                        .setAbsoluteMaxBytes(RaftProfile.bytes(size.at("AbsoluteMaxBytes"), BATCH.absoluteMaxBytes()))
                        .setPreferredMaxBytes(
                                RaftProfile.bytes(size.at("PreferredMaxBytes"), BATCH.preferredMaxBytes()))
                        .build());
        orderer.value(
                "BatchTimeout",
                BatchTimeout.newBuilder()
                        .setTimeout(GoDuration.text(timeout(at.at("BatchTimeout"))))
                        .build());
        orderer.value(
                "ChannelRestrictions",
                ChannelRestrictions.newBuilder()
                        .setMaxCount(at.at("MaxChannels").number(0, 0, Integer.MAX_VALUE))
                        .build());
        capabilities(orderer, at);
        consensus(orderer, at);
        for (YamlTree organization : at.at("Organizations").items()) {
            organization(orderer, organization, Section.ORDERER);
        }
        return orderer.group();
    }

    private void consensus(GenesisTree orderer, YamlTree at) {
        String type = at.at("OrdererType").required();
        ConsensusType.Builder consensus = ConsensusType.newBuilder().setType(type);
        switch (type) {
            case "", "solo" -> {}
            case RaftMetadata.TYPE ->
                consensus.setMetadata(
                        new RaftProfile(disk, home).read(at.at("EtcdRaft")).toByteString());
            case "kafka" -> orderer.value("KafkaBrokers", brokers(at.at("Kafka")));
            default -> at.at("OrdererType").fault("is '%s'; known are etcdraft, kafka and solo".formatted(type));
        }
        orderer.value("ConsensusType", consensus.build());
    }

    /// Deprecated by Fabric 3, which has no Kafka; channels of 2.x are made with it.
    @SuppressWarnings("deprecation")
    private static MessageLite brokers(YamlTree at) {
        at.onlyKeys(Set.of("Brokers"));
        return KafkaBrokers.newBuilder().addAllBrokers(at.at("Brokers").texts()).build();
    }

    private ConfigGroup application(YamlTree at) {
        at.onlyKeys(Set.of("Organizations", "Capabilities", "Policies", "ACLs"));
        GenesisTree application = new GenesisTree();
        policies(application, at, EVERY_GROUP);
        ACLs.Builder acls = ACLs.newBuilder();
        at.at("ACLs")
                .entries()
                .forEach((name, policy) -> acls.putAcls(
                        name,
                        APIResource.newBuilder().setPolicyRef(policy.required()).build()));
        if (acls.getAclsCount() > 0) {
            application.value("ACLs", acls.build());
        }
        capabilities(application, at);
        for (YamlTree organization : at.at("Organizations").items()) {
            organization(application, organization, Section.APPLICATION);
        }
        return application.group();
    }

    private ConfigGroup consortiums(YamlTree at) {
        // Nobody asks this policy; it only takes part in /Channel/Admins, where it leaves the say to the orderers.
        SignaturePolicyEnvelope anybody = SignaturePolicyEnvelope.newBuilder()
                .setRule(SignaturePolicy.newBuilder().setNOutOf(SignaturePolicy.NOutOf.getDefaultInstance()))
                .build();
        GenesisTree consortiums = new GenesisTree()
                .changedBy(ORDERER_ADMINS)
                .policy(ADMINS, Policy.PolicyType.SIGNATURE_VALUE, anybody, ORDERER_ADMINS);
        Policy creation = Policy.newBuilder()
                .setType(Policy.PolicyType.IMPLICIT_META_VALUE)
                .setValue(ImplicitMetaPolicy.newBuilder()
                        .setRule(ImplicitMetaPolicy.Rule.ANY)
                        .setSubPolicy(ADMINS)
                        .build()
                        .toByteString())
                .build();
        at.entries().forEach((name, one) -> {
            one.onlyKeys(Set.of("Organizations"));
            GenesisTree consortium = new GenesisTree()
                    .changedBy(ORDERER_ADMINS)
                    .value("ChannelCreationPolicy", creation, ORDERER_ADMINS);
            one.at("Organizations").items().forEach(org -> organization(consortium, org, Section.CONSORTIUM));
            consortiums.below(name, consortium.group());
        });
        return consortiums.group();
    }

    private enum Section {
        ORDERER,
        APPLICATION,
        CONSORTIUM
    }

    private void organization(GenesisTree into, YamlTree at, Section section) {
        at.onlyKeys(Set.of(
                "Name",
                "ID",
                "MSPDir",
                "MSPType",
                "Policies",
                "AnchorPeers",
                "OrdererEndpoints",
                "AdminPrincipal",
                "SkipAsForeign"));
        String name = at.at("Name").required();
        GenesisTree organization = new GenesisTree();
        if (at.at("SkipAsForeign").text().orElse("false").equals("true")) {
            into.below(name, organization.group());
            return;
        }
        policies(organization, at, EVERY_GROUP);
        MSPConfig msp = msp(at);
        if (msp != null) {
            organization.value("MSP", msp);
        }
        List<String> endpoints = at.at("OrdererEndpoints").texts();
        if (section == Section.ORDERER && !endpoints.isEmpty()) {
            organization.value(
                    "Endpoints",
                    OrdererAddresses.newBuilder().addAllAddresses(endpoints).build());
        }
        AnchorPeers.Builder anchors = AnchorPeers.newBuilder();
        for (YamlTree anchor : at.at("AnchorPeers").items()) {
            anchor.onlyKeys(Set.of("Host", "Port"));
            anchors.addAnchorPeers(AnchorPeer.newBuilder()
                    .setHost(anchor.at("Host").required())
                    .setPort(anchor.at("Port").number(0, 1, 65_535)));
        }
        if (section == Section.APPLICATION && anchors.getAnchorPeersCount() > 0) {
            organization.value("AnchorPeers", anchors.build());
        }
        into.below(name, organization.group());
    }

    private @Nullable MSPConfig msp(YamlTree at) {
        String type = at.at("MSPType").text().orElse("bccsp");
        if (!type.equals("bccsp")) {
            at.at("MSPType").fault("is '%s', only bccsp (X.509) is supported".formatted(type));
        }
        String id = at.at("ID").required();
        String directory = at.at("MSPDir").required();
        if (directory.isEmpty()) {
            return null;
        }
        try {
            ByteString config = MspDirectory.read(disk, home.resolve(directory).normalize(), id)
                    .toByteString();
            return MSPConfig.newBuilder().setConfig(config).build();
        } catch (BadMaterial e) {
            at.at("MSPDir").fault("cannot be used: " + Decode.reason(e));
            return null;
        }
    }

    private static void capabilities(GenesisTree group, YamlTree at) {
        Capabilities.Builder capabilities = Capabilities.newBuilder();
        at.at("Capabilities").entries().forEach((name, wanted) -> {
            String flag = wanted.required();
            if (flag.equals("true")) {
                capabilities.putCapabilities(name, Capability.getDefaultInstance());
            } else if (!flag.equals("false")) {
                wanted.fault("is '%s', true or false is wanted".formatted(flag));
            }
        });
        if (at.at("Capabilities").present() && !at.at("Capabilities").entries().isEmpty()) {
            group.value("Capabilities", capabilities.build());
        }
    }

    private static void policies(GenesisTree group, YamlTree at, List<String> wanted) {
        Map<String, YamlTree> policies = at.at("Policies").entries();
        for (String name : wanted) {
            if (!policies.containsKey(name)) {
                at.fault("has no policy '%s' under Policies".formatted(name));
            }
        }
        policies.forEach((name, policy) -> {
            policy.onlyKeys(Set.of("Type", "Rule"));
            String type = policy.at("Type").required();
            String rule = policy.at("Rule").required();
            switch (type) {
                case "Signature" -> {
                    MessageLite parsed = signature(policy.at("Rule"), rule);
                    group.policy(name, Policy.PolicyType.SIGNATURE_VALUE, parsed);
                }
                case "ImplicitMeta" -> implicit(group, name, policy.at("Rule"), rule);
                default -> policy.at("Type").fault("is '%s', Signature or ImplicitMeta is wanted".formatted(type));
            }
        });
    }

    private static MessageLite signature(YamlTree at, String rule) {
        try {
            return SignatureRule.parse(rule);
        } catch (SignatureRule.Unreadable e) {
            at.fault("is no rule: " + Decode.reason(e));
            return SignaturePolicyEnvelope.getDefaultInstance();
        }
    }

    private static void implicit(GenesisTree group, String name, YamlTree at, String rule) {
        String[] words = rule.split("\\s+", -1);
        if (words.length != 2 || !Set.of("ANY", "ALL", "MAJORITY").contains(words[0])) {
            at.fault("is '%s', such as 'MAJORITY Admins' is wanted (ANY, ALL or MAJORITY)".formatted(rule));
            return;
        }
        group.implicit(name, ImplicitMetaPolicy.Rule.valueOf(words[0]), words[1]);
    }

    private static Duration timeout(YamlTree at) {
        String text = at.text().orElse("");
        if (text.isEmpty()) {
            return TIMEOUT;
        }
        Duration timeout = GoDuration.parse(text);
        if (timeout == null || timeout.isNegative() || timeout.isZero()) {
            at.fault("is '%s', a duration such as 2s or 500ms is wanted".formatted(text));
            return TIMEOUT;
        }
        return timeout;
    }
}
