package org.holdfast.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.hyperledger.fabric.protos.common.BlockDataHashingStructure;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.Consortium;
import org.hyperledger.fabric.protos.common.HashingAlgorithm;
import org.hyperledger.fabric.protos.common.OrdererAddresses;
import org.hyperledger.fabric.protos.common.Orderers;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.orderer.BatchTimeout;
import org.hyperledger.fabric.protos.orderer.ChannelRestrictions;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;
import org.hyperledger.fabric.protos.peer.ACLs;
import org.hyperledger.fabric.protos.peer.AnchorPeers;

/// A config tree as the readable document: see [ConfigDocument] for its shape.
final class ShownTree {
    static final String CHANNEL = "channel";
    static final String ORDERER = "orderer";
    static final String APPLICATION = "application";
    static final String CONSORTIUMS = "consortiums";
    /// A consenter's server certificate that is its client certificate too.
    static final String SAME = "same";

    private ShownTree() {}

    static Doc.Fields of(ConfigGroup root) {
        Map<String, Doc> sections = new LinkedHashMap<>();
        sections.put(CHANNEL, channel(root));
        below(root, "Orderer", ORDERER, sections);
        below(root, "Application", APPLICATION, sections);
        below(root, "Consortiums", CONSORTIUMS, sections);
        return new Doc.Fields(sections);
    }

    private static void below(ConfigGroup root, String group, String section, Map<String, Doc> into) {
        ConfigGroup found = root.getGroupsMap().get(group);
        if (found != null) {
            into.put(
                    section,
                    switch (section) {
                        case ORDERER -> orderer(found);
                        case APPLICATION -> application(found);
                        default -> consortiums(found);
                    });
        }
    }

    static Doc.Fields channel(ConfigGroup root) {
        ShownSection section = new ShownSection(root);
        return section.value("HashingAlgorithm", HashingAlgorithm.parser(), v -> section.put("hashing", v.getName()))
                .value(
                        "BlockDataHashingStructure",
                        BlockDataHashingStructure.parser(),
                        v -> section.put("hashingWidth", Integer.toUnsignedString(v.getWidth())))
                .value("Consortium", Consortium.parser(), v -> section.put("consortium", v.getName()))
                .list(
                        "OrdererAddresses",
                        OrdererAddresses.parser(),
                        "ordererAddresses",
                        OrdererAddresses::getAddressesList)
                .rest()
                .done();
    }

    /// Deprecated by Fabric 3, which has no Kafka; channels of 2.x have brokers.
    @SuppressWarnings("deprecation")
    static Doc.Fields orderer(ConfigGroup group) {
        ShownSection section = new ShownSection(group);
        Map<String, Doc> batch = new LinkedHashMap<>();
        section.value("ConsensusType", ConsensusType.parser(), v -> consensus(v, section))
                .value("BatchSize", org.hyperledger.fabric.protos.orderer.BatchSize.parser(), v -> {
                    batch.put("maxMessages", new Doc.Text(Integer.toUnsignedString(v.getMaxMessageCount())));
                    batch.put("absoluteMax", new Doc.Text(ByteSize.format(v.getAbsoluteMaxBytes())));
                    batch.put("preferredMax", new Doc.Text(ByteSize.format(v.getPreferredMaxBytes())));
                })
                .value("BatchTimeout", BatchTimeout.parser(), v -> batch.put("timeout", new Doc.Text(v.getTimeout())));
        if (!batch.isEmpty()) {
            section.put("batch", new Doc.Fields(batch));
        }
        return section.value("Orderers", Orderers.parser(), v -> section.put("mapping", mapping(v)))
                .list(
                        "KafkaBrokers",
                        org.hyperledger.fabric.protos.orderer.KafkaBrokers.parser(),
                        "kafkaBrokers",
                        org.hyperledger.fabric.protos.orderer.KafkaBrokers::getBrokersList)
                .value(
                        "ChannelRestrictions",
                        ChannelRestrictions.parser(),
                        v -> section.put("maxChannels", Long.toUnsignedString(v.getMaxCount())))
                .rest()
                .groups(ShownSection.ORGANIZATIONS, ShownTree::organization)
                .done();
    }

    private static void consensus(ConsensusType wire, ShownSection section) {
        section.put("type", wire.getType());
        section.put(
                "state",
                switch (wire.getState()) {
                    case STATE_NORMAL -> ConsensusState.NORMAL.name();
                    case STATE_MAINTENANCE -> ConsensusState.MAINTENANCE.name();
                    case UNRECOGNIZED -> Integer.toString(wire.getStateValue());
                });
        if (wire.getType().equals(RaftMetadata.TYPE)) {
            try {
                raft(ConfigMetadata.parseFrom(wire.getMetadata()), section);
                return;
            } catch (InvalidProtocolBufferException unreadable) {
                section.put("metadata", ShownSection.base64(wire.getMetadata()));
            }
        }
        if (!wire.getMetadata().isEmpty()) {
            section.put("metadata", ShownSection.base64(wire.getMetadata()));
        }
    }

    private static void raft(ConfigMetadata metadata, ShownSection section) {
        if (metadata.hasOptions()) {
            var options = metadata.getOptions();
            Map<String, Doc> raft = new LinkedHashMap<>();
            raft.put("tick", new Doc.Text(options.getTickInterval()));
            raft.put("electionTicks", new Doc.Text(Integer.toUnsignedString(options.getElectionTick())));
            raft.put("heartbeatTicks", new Doc.Text(Integer.toUnsignedString(options.getHeartbeatTick())));
            raft.put("maxInflightBlocks", new Doc.Text(Integer.toUnsignedString(options.getMaxInflightBlocks())));
            raft.put("snapshotInterval", new Doc.Text(ByteSize.format(options.getSnapshotIntervalSize())));
            section.put("raft", new Doc.Fields(raft));
        }
        List<Doc> consenters = new ArrayList<>();
        metadata.getConsentersList().forEach(consenter -> consenters.add(consenter(consenter)));
        section.put("consenters", new Doc.Items(consenters));
    }

    static Doc consenter(org.hyperledger.fabric.protos.orderer.etcdraft.Consenter wire) {
        Map<String, Doc> consenter = new LinkedHashMap<>();
        consenter.put("address", new Doc.Text(wire.getHost() + ":" + Integer.toUnsignedString(wire.getPort())));
        consenter.put("clientCertificate", ShownMaterial.certificate(wire.getClientTlsCert()));
        consenter.put(
                "serverCertificate",
                wire.getServerTlsCert().equals(wire.getClientTlsCert())
                        ? new Doc.Text(SAME)
                        : ShownMaterial.certificate(wire.getServerTlsCert()));
        return new Doc.Fields(consenter);
    }

    private static Doc mapping(Orderers wire) {
        List<Doc> mapping = new ArrayList<>();
        wire.getConsenterMappingList().forEach(one -> {
            Map<String, Doc> fields = new LinkedHashMap<>();
            fields.put("id", new Doc.Text(Integer.toUnsignedString(one.getId())));
            fields.put("address", new Doc.Text(one.getHost() + ":" + Integer.toUnsignedString(one.getPort())));
            fields.put("mspId", new Doc.Text(one.getMspId()));
            fields.put("identity", ShownMaterial.certificate(one.getIdentity()));
            fields.put("clientCertificate", ShownMaterial.certificate(one.getClientTlsCert()));
            fields.put("serverCertificate", ShownMaterial.certificate(one.getServerTlsCert()));
            mapping.add(new Doc.Fields(fields));
        });
        return new Doc.Items(mapping);
    }

    static Doc.Fields application(ConfigGroup group) {
        ShownSection section = new ShownSection(group);
        return section.value("ACLs", ACLs.parser(), v -> {
                    Map<String, Doc> acls = new LinkedHashMap<>();
                    new TreeMap<>(v.getAclsMap())
                            .forEach((name, acl) -> acls.put(name, new Doc.Text(acl.getPolicyRef())));
                    section.put("acls", new Doc.Fields(acls));
                })
                .rest()
                .groups(ShownSection.ORGANIZATIONS, ShownTree::organization)
                .done();
    }

    static Doc.Fields consortiums(ConfigGroup group) {
        return new ShownSection(group)
                .rest()
                .groups("members", ShownTree::consortium)
                .done();
    }

    static Doc.Fields consortium(ConfigGroup group) {
        ShownSection section = new ShownSection(group);
        return section.value(
                        "ChannelCreationPolicy",
                        Policy.parser(),
                        v -> section.put(
                                "creationPolicy",
                                PolicyWords.of(
                                        ConfigPolicy.newBuilder().setPolicy(v).build())))
                .rest()
                .groups(ShownSection.ORGANIZATIONS, ShownTree::organization)
                .done();
    }

    /// An organisation of any section: the values of one section are absent in the others.
    static Doc.Fields organization(ConfigGroup group) {
        ShownSection section = new ShownSection(group);
        return section.value("MSP", MSPConfig.parser(), v -> ShownMaterial.msp(v, section))
                .list("Endpoints", OrdererAddresses.parser(), "endpoints", OrdererAddresses::getAddressesList)
                .list(
                        "AnchorPeers",
                        AnchorPeers.parser(),
                        "anchorPeers",
                        v -> v.getAnchorPeersList().stream()
                                .map(peer -> peer.getHost() + ":" + peer.getPort())
                                .toList())
                .rest()
                .done();
    }
}
