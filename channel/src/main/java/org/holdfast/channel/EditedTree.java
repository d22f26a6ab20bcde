package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.env.YamlTree;
import org.hyperledger.fabric.protos.common.BlockDataHashingStructure;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.Consortium;
import org.hyperledger.fabric.protos.common.HashingAlgorithm;
import org.hyperledger.fabric.protos.common.OrdererAddresses;
import org.hyperledger.fabric.protos.common.Orderers;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.orderer.BatchTimeout;
import org.hyperledger.fabric.protos.orderer.ChannelRestrictions;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;
import org.hyperledger.fabric.protos.peer.ACLs;
import org.hyperledger.fabric.protos.peer.APIResource;
import org.hyperledger.fabric.protos.peer.AnchorPeer;
import org.hyperledger.fabric.protos.peer.AnchorPeers;
import org.jspecify.annotations.Nullable;

/// The way back from [ShownTree]: a config tree from a document that was written from another one. Used by one thread,
/// once.
final class EditedTree {
    private final EditedMaterial material;

    EditedTree(EditedMaterial material) {
        this.material = material;
    }

    /// Faults are noted in the document; with any, the result is of no use.
    ConfigGroup read(YamlTree document, ConfigGroup original) {
        EditedSection.onlyKeys(
                document, Set.of(ShownTree.CHANNEL, ShownTree.ORDERER, ShownTree.APPLICATION, ShownTree.CONSORTIUMS));
        EditedSection channel =
                new EditedSection(document.at(ShownTree.CHANNEL), ShownTree.channel(original), original);
        below(document.at(ShownTree.ORDERER), "Orderer", original, channel, this::orderer);
        below(document.at(ShownTree.APPLICATION), "Application", original, channel, this::application);
        below(document.at(ShownTree.CONSORTIUMS), "Consortiums", original, channel, this::consortiums);
        YamlTree at = document.at(ShownTree.CHANNEL);
        if (!at.present()) {
            at.fault("is missing; a section cannot be left out");
            return original;
        }
        return channel.keys("hashing", "hashingWidth", "consortium", "ordererAddresses")
                .value(
                        "HashingAlgorithm",
                        channel.same("hashing"),
                        () -> HashingAlgorithm.newBuilder()
                                .setName(at.at("hashing").required())
                                .build())
                .value("BlockDataHashingStructure", channel.same("hashingWidth"), () -> width(at.at("hashingWidth")))
                .value(
                        "Consortium",
                        channel.same("consortium"),
                        () -> at.at("consortium")
                                .text()
                                .map(name ->
                                        Consortium.newBuilder().setName(name).build())
                                .orElse(null))
                .list("OrdererAddresses", "ordererAddresses", EditedTree::endpoints)
                .done();
    }

    private static void below(
            YamlTree at, String name, ConfigGroup original, EditedSection channel, EditedSection.GroupReader reader) {
        ConfigGroup before = original.getGroupsMap().get(name);
        if (at.present()) {
            ConfigGroup base = before == null
                    ? ConfigGroup.newBuilder()
                            .setModPolicy(ShownSection.usualPolicy(name))
                            .build()
                    : before;
            channel.group().putGroups(name, reader.read(at, base, before == null));
        } else if (before != null) {
            at.fault("is missing; a section cannot be left out");
        }
    }

    private static MessageLite width(YamlTree at) {
        String text = at.required();
        if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) > 0xffff_ffffL) {
            at.fault("is '%s', 4294967295 is wanted".formatted(text));
            return BlockDataHashingStructure.getDefaultInstance();
        }
        return BlockDataHashingStructure.newBuilder()
                .setWidth(Integer.parseUnsignedInt(text))
                .build();
    }

    private static MessageLite endpoints(List<String> addresses) {
        return OrdererAddresses.newBuilder().addAllAddresses(addresses).build();
    }

    /// Deprecated by Fabric 3, which has no Kafka; channels of 2.x have brokers.
    @SuppressWarnings("deprecation")
    private ConfigGroup orderer(YamlTree at, ConfigGroup before, boolean isNew) {
        EditedSection section = new EditedSection(at, ShownTree.orderer(before), before);
        YamlTree batch = at.at("batch");
        EditedSection.onlyKeys(batch, Set.of("maxMessages", "absoluteMax", "preferredMax", "timeout"));
        Doc.Fields shownBatch =
                ShownTree.orderer(before).get("batch") instanceof Doc.Fields fields ? fields : new Doc.Fields(Map.of());
        EditedSection limits = new EditedSection(batch, shownBatch, before);
        return section.keys(
                        "type",
                        "state",
                        "metadata",
                        "raft",
                        "consenters",
                        "mapping",
                        "batch",
                        "kafkaBrokers",
                        "maxChannels",
                        ShownSection.ORGANIZATIONS)
                .value(
                        "ConsensusType",
                        section.same("type", "state", "metadata", "raft", "consenters"),
                        () -> consensus(at, section, before.getValuesMap().get("ConsensusType")))
                .value(
                        "BatchSize",
                        limits.same("maxMessages", "absoluteMax", "preferredMax"),
                        () -> org.hyperledger.fabric.protos.orderer.BatchSize.newBuilder()
                                .setMaxMessageCount(EditedSection.number(batch.at("maxMessages"), 1))
                                .setAbsoluteMaxBytes(EditedSection.bytes(batch.at("absoluteMax")))
                                .setPreferredMaxBytes(EditedSection.bytes(batch.at("preferredMax")))
                                .build())
                .value(
                        "BatchTimeout",
                        limits.same("timeout"),
                        () -> BatchTimeout.newBuilder()
                                .setTimeout(EditedSection.duration(batch.at("timeout")))
                                .build())
                .value("Orderers", section.same("mapping"), () -> mapping(at.at("mapping"), before))
                .list(
                        "KafkaBrokers",
                        "kafkaBrokers",
                        brokers -> org.hyperledger.fabric.protos.orderer.KafkaBrokers.newBuilder()
                                .addAllBrokers(brokers)
                                .build())
                .value(
                        "ChannelRestrictions",
                        section.same("maxChannels"),
                        () -> at.at("maxChannels").present()
                                ? ChannelRestrictions.newBuilder()
                                        .setMaxCount(EditedSection.number(at.at("maxChannels"), 0))
                                        .build()
                                : null)
                .groups(
                        ShownSection.ORGANIZATIONS,
                        (tree, org, fresh) -> organization(tree, org, fresh, Organization.Section.ORDERER))
                .done();
    }

    private @Nullable MessageLite consensus(YamlTree at, EditedSection section, @Nullable ConfigValue before) {
        ConsensusType.Builder made = ConsensusType.newBuilder();
        ConfigMetadata.Builder metadata = ConfigMetadata.newBuilder();
        try {
            if (before != null) {
                made.mergeFrom(before.getValue());
                if (made.getType().equals(RaftMetadata.TYPE)) {
                    metadata.mergeFrom(made.getMetadata());
                }
            }
        } catch (InvalidProtocolBufferException unreadable) {
            metadata.clear();
        }
        made.setType(at.at("type").required());
        if (!section.same("state")) {
            state(at.at("state"), made);
        }
        YamlTree bytes = at.at("metadata");
        if (!made.getType().equals(RaftMetadata.TYPE) || bytes.present()) {
            for (String field : List.of("raft", "consenters")) {
                if (at.at(field).present()) {
                    at.at(field)
                            .fault("belongs to type etcdraft without metadata; with type '%s' take it away (null)"
                                    .formatted(made.getType()));
                }
            }
            return made.setMetadata(bytes.present() ? EditedSection.base64(bytes, bytes.required()) : ByteString.EMPTY)
                    .build();
        }
        if (!section.same("raft")) {
            options(at.at("raft"), metadata);
        }
        if (!section.same("consenters")) {
            consenters(at.at("consenters"), metadata);
        }
        return made.setMetadata(metadata.build().toByteString()).build();
    }

    private static void state(YamlTree at, ConsensusType.Builder made) {
        switch (at.required()) {
            case "NORMAL" -> made.setState(ConsensusType.State.STATE_NORMAL);
            case "MAINTENANCE" -> made.setState(ConsensusType.State.STATE_MAINTENANCE);
            case String other -> at.fault("is '%s', NORMAL or MAINTENANCE is wanted".formatted(other));
        }
    }

    private static void options(YamlTree at, ConfigMetadata.Builder metadata) {
        if (!at.present()) {
            metadata.clearOptions();
            return;
        }
        EditedSection.onlyKeys(
                at, Set.of("tick", "electionTicks", "heartbeatTicks", "maxInflightBlocks", "snapshotInterval"));
        metadata.getOptionsBuilder()
                .setTickInterval(EditedSection.duration(at.at("tick")))
                .setElectionTick(EditedSection.number(at.at("electionTicks"), 1))
                .setHeartbeatTick(EditedSection.number(at.at("heartbeatTicks"), 1))
                .setMaxInflightBlocks(EditedSection.number(at.at("maxInflightBlocks"), 1))
                .setSnapshotIntervalSize(EditedSection.bytes(at.at("snapshotInterval")));
    }

    private void consenters(YamlTree at, ConfigMetadata.Builder metadata) {
        var before = List.copyOf(metadata.getConsentersList());
        List<ByteString> certificates = new ArrayList<>();
        before.forEach(one -> {
            certificates.add(one.getClientTlsCert());
            certificates.add(one.getServerTlsCert());
        });
        Map<String, ByteString> known = EditedMaterial.known(certificates);
        metadata.clearConsenters();
        for (YamlTree item : at.items()) {
            Doc wanted = Doc.of(item);
            metadata.addConsenters(before.stream()
                    .filter(one -> Doc.same(wanted, ShownTree.consenter(one)))
                    .findFirst()
                    .orElseGet(() -> consenter(item, known)));
        }
    }

    private org.hyperledger.fabric.protos.orderer.etcdraft.Consenter consenter(
            YamlTree at, Map<String, ByteString> known) {
        EditedSection.onlyKeys(at, Set.of("address", "clientCertificate", "serverCertificate"));
        EditedSection.Address address =
                EditedSection.address(at.at("address"), at.at("address").required());
        ByteString client = material.certificate(at.at("clientCertificate"), known);
        YamlTree server = at.at("serverCertificate");
        boolean same = server.text().orElse("").equals(ShownTree.SAME);
        return org.hyperledger.fabric.protos.orderer.etcdraft.Consenter.newBuilder()
                .setHost(address.host())
                .setPort(address.port())
                .setClientTlsCert(client)
                .setServerTlsCert(same ? client : material.certificate(server, known))
                .build();
    }

    private @Nullable MessageLite mapping(YamlTree at, ConfigGroup before) {
        if (!at.present()) {
            return null;
        }
        List<ByteString> certificates = new ArrayList<>();
        try {
            Orderers.parseFrom(before.getValuesOrDefault("Orderers", ConfigValue.getDefaultInstance())
                            .getValue())
                    .getConsenterMappingList()
                    .forEach(one -> certificates.addAll(
                            List.of(one.getIdentity(), one.getClientTlsCert(), one.getServerTlsCert())));
        } catch (InvalidProtocolBufferException unreadable) {
            certificates.clear();
        }
        Map<String, ByteString> known = EditedMaterial.known(certificates);
        Orderers.Builder made = Orderers.newBuilder();
        for (YamlTree item : at.items()) {
            EditedSection.onlyKeys(
                    item, Set.of("id", "address", "mspId", "identity", "clientCertificate", "serverCertificate"));
            EditedSection.Address address =
                    EditedSection.address(item.at("address"), item.at("address").required());
            made.addConsenterMappingBuilder()
                    .setId(EditedSection.number(item.at("id"), 0))
                    .setHost(address.host())
                    .setPort(address.port())
                    .setMspId(item.at("mspId").required())
                    .setIdentity(material.certificate(item.at("identity"), known))
                    .setClientTlsCert(material.certificate(item.at("clientCertificate"), known))
                    .setServerTlsCert(material.certificate(item.at("serverCertificate"), known));
        }
        return made.build();
    }

    private ConfigGroup application(YamlTree at, ConfigGroup before, boolean isNew) {
        EditedSection section = new EditedSection(at, ShownTree.application(before), before);
        return section.keys("acls", ShownSection.ORGANIZATIONS)
                .value("ACLs", section.same("acls"), () -> at.at("acls").present() ? acls(at.at("acls")) : null)
                .groups(
                        ShownSection.ORGANIZATIONS,
                        (tree, org, fresh) -> organization(tree, org, fresh, Organization.Section.APPLICATION))
                .done();
    }

    private static MessageLite acls(YamlTree at) {
        Map<String, APIResource> acls = new LinkedHashMap<>();
        at.entries().forEach((name, policy) -> {
            if (policy.present()) {
                acls.put(
                        name,
                        APIResource.newBuilder().setPolicyRef(policy.required()).build());
            }
        });
        return ACLs.newBuilder().putAllAcls(acls).build();
    }

    private ConfigGroup consortiums(YamlTree at, ConfigGroup before, boolean isNew) {
        return new EditedSection(at, ShownTree.consortiums(before), before)
                .keys("members")
                .groups("members", this::consortium)
                .done();
    }

    private ConfigGroup consortium(YamlTree at, ConfigGroup before, boolean isNew) {
        EditedSection section = new EditedSection(at, ShownTree.consortium(before), before);
        return section.keys("creationPolicy", ShownSection.ORGANIZATIONS)
                .value(
                        "ChannelCreationPolicy",
                        section.same("creationPolicy"),
                        () -> EditedSection.policy(at.at("creationPolicy")))
                .groups(
                        ShownSection.ORGANIZATIONS,
                        (tree, org, fresh) -> organization(tree, org, fresh, Organization.Section.CONSORTIUM))
                .done();
    }

    private ConfigGroup organization(YamlTree at, ConfigGroup before, boolean isNew, Organization.Section kind) {
        EditedSection section = new EditedSection(at, ShownTree.organization(before), before);
        boolean keptMsp = section.same("mspId", "msp", "mspType")
                && !at.at("mspDirectory").present();
        switch (kind) {
            case ORDERER ->
                section.keys("mspId", "msp", "mspType", "mspDirectory", "endpoints")
                        .value("Endpoints", section.same("endpoints"), () -> addresses(at.at("endpoints")));
            case APPLICATION ->
                section.keys("mspId", "msp", "mspType", "mspDirectory", "anchorPeers")
                        .value("AnchorPeers", section.same("anchorPeers"), () -> anchors(at.at("anchorPeers")));
            case CONSORTIUM -> section.keys("mspId", "msp", "mspType", "mspDirectory");
        }
        section.value("MSP", keptMsp, () -> msp(at, before));
        ConfigGroup made = section.done();
        if (!isNew) {
            return made;
        }
        if (!made.containsValues("MSP")) {
            at.fault("is a new organisation and needs mspId and mspDirectory (or msp)");
        }
        return at.at(ShownSection.POLICIES).present()
                ? made
                : usual(made, at.at("mspId").text().orElse(""), kind);
    }

    /// The policies every organisation of a new channel gets: see [GenesisTree].
    private static ConfigGroup usual(ConfigGroup organization, String mspId, Organization.Section kind) {
        ConfigGroup.Builder group = organization.toBuilder();
        String member = "OR('%s.member')".formatted(mspId);
        String users = kind == Organization.Section.ORDERER
                ? member
                : "OR('%1$s.admin', '%1$s.peer', '%1$s.client')".formatted(mspId);
        Map.of("Readers", users, "Writers", users, "Admins", "OR('%s.admin')".formatted(mspId), "Endorsement", member)
                .forEach((name, words) -> {
                    Policy.Builder policy = Policy.newBuilder().setType(Policy.PolicyType.SIGNATURE_VALUE);
                    try {
                        policy.setValue(SignatureRule.parse(words).toByteString());
                    } catch (SignatureRule.Unreadable notAnMspId) {
                        return;
                    }
                    group.putPolicies(
                            name,
                            ConfigPolicy.newBuilder()
                                    .setModPolicy(ShownSection.usualPolicy(name))
                                    .setPolicy(policy)
                                    .build());
                });
        return group.build();
    }

    private @Nullable MessageLite msp(YamlTree at, ConfigGroup before) {
        FabricMSPConfig old = FabricMSPConfig.getDefaultInstance();
        try {
            old = FabricMSPConfig.parseFrom(
                    MSPConfig.parseFrom(before.getValuesOrDefault("MSP", ConfigValue.getDefaultInstance())
                                    .getValue())
                            .getConfig());
        } catch (InvalidProtocolBufferException unreadable) {
            // Then nothing of it can be kept.
            old = FabricMSPConfig.getDefaultInstance();
        }
        if (at.at("mspDirectory").present()) {
            FabricMSPConfig read =
                    material.directory(at.at("mspDirectory"), at.at("mspId").required());
            return read == null
                    ? null
                    : MSPConfig.newBuilder().setConfig(read.toByteString()).build();
        }
        if (!at.at("msp").present()) {
            return null;
        }
        FabricMSPConfig made = material.msp(at.at("msp"), at.at("mspId").required(), old);
        return MSPConfig.newBuilder().setConfig(made.toByteString()).build();
    }

    private static @Nullable MessageLite addresses(YamlTree at) {
        if (!at.present()) {
            return null;
        }
        EditedSection.addresses(at);
        return endpoints(at.texts());
    }

    private static @Nullable MessageLite anchors(YamlTree at) {
        if (!at.present()) {
            return null;
        }
        AnchorPeers.Builder anchors = AnchorPeers.newBuilder();
        EditedSection.addresses(at)
                .forEach(address -> anchors.addAnchorPeers(
                        AnchorPeer.newBuilder().setHost(address.host()).setPort(address.port())));
        return anchors.build();
    }
}
