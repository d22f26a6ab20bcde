package org.holdfast.channel;

import com.google.protobuf.Message;
import java.util.Map;
import org.hyperledger.fabric.protos.common.BlockDataHashingStructure;
import org.hyperledger.fabric.protos.common.Capabilities;
import org.hyperledger.fabric.protos.common.Consortium;
import org.hyperledger.fabric.protos.common.HashingAlgorithm;
import org.hyperledger.fabric.protos.common.OrdererAddresses;
import org.hyperledger.fabric.protos.common.Orderers;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.orderer.BatchTimeout;
import org.hyperledger.fabric.protos.orderer.ChannelRestrictions;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.peer.ACLs;
import org.hyperledger.fabric.protos.peer.AnchorPeers;
import org.jspecify.annotations.Nullable;

/// Where in a config tree a group stands; it decides what the bytes of the group's values are.
///
/// Source: the values that Fabric 2.5 and 3 define for each group.
enum TreePlace {
    /// Somewhere no value is known.
    ELSEWHERE,
    CHANNEL,
    ORDERER,
    ORDERER_ORGANIZATION,
    APPLICATION,
    APPLICATION_ORGANIZATION,
    CONSORTIUMS,
    CONSORTIUM,
    CONSORTIUM_ORGANIZATION;

    private static final Map<TreePlace, Map<String, Message>> VALUES = Map.of(
            CHANNEL,
            Map.of(
                    "HashingAlgorithm", HashingAlgorithm.getDefaultInstance(),
                    "BlockDataHashingStructure", BlockDataHashingStructure.getDefaultInstance(),
                    "OrdererAddresses", OrdererAddresses.getDefaultInstance(),
                    "Consortium", Consortium.getDefaultInstance(),
                    "Capabilities", Capabilities.getDefaultInstance()),
            ORDERER,
            Map.of(
                    "ConsensusType", ConsensusType.getDefaultInstance(),
                    "BatchSize", org.hyperledger.fabric.protos.orderer.BatchSize.getDefaultInstance(),
                    "BatchTimeout", BatchTimeout.getDefaultInstance(),
                    "KafkaBrokers", brokers(),
                    "ChannelRestrictions", ChannelRestrictions.getDefaultInstance(),
                    "Capabilities", Capabilities.getDefaultInstance(),
                    "Orderers", Orderers.getDefaultInstance()),
            ORDERER_ORGANIZATION,
            Map.of("MSP", MSPConfig.getDefaultInstance(), "Endpoints", OrdererAddresses.getDefaultInstance()),
            APPLICATION,
            Map.of("Capabilities", Capabilities.getDefaultInstance(), "ACLs", ACLs.getDefaultInstance()),
            APPLICATION_ORGANIZATION,
            Map.of("MSP", MSPConfig.getDefaultInstance(), "AnchorPeers", AnchorPeers.getDefaultInstance()),
            CONSORTIUM,
            Map.of("ChannelCreationPolicy", Policy.getDefaultInstance()),
            CONSORTIUM_ORGANIZATION,
            Map.of("MSP", MSPConfig.getDefaultInstance()));

    /// Deprecated by Fabric 3, which has no Kafka; channels of 2.x have the value.
    @SuppressWarnings("deprecation")
    private static Message brokers() {
        return org.hyperledger.fabric.protos.orderer.KafkaBrokers.getDefaultInstance();
    }

    /// The type of a value of this group; null when there is none of that name.
    @Nullable
    Message value(String name) {
        return VALUES.getOrDefault(this, Map.of()).get(name);
    }

    /// Where a group within this one stands.
    TreePlace below(String name) {
        return switch (this) {
            case CHANNEL ->
                switch (name) {
                    case "Orderer" -> ORDERER;
                    case "Application" -> APPLICATION;
                    case "Consortiums" -> CONSORTIUMS;
                    default -> ELSEWHERE;
                };
            case ORDERER -> ORDERER_ORGANIZATION;
            case APPLICATION -> APPLICATION_ORGANIZATION;
            case CONSORTIUMS -> CONSORTIUM;
            case CONSORTIUM -> CONSORTIUM_ORGANIZATION;
            case ELSEWHERE, ORDERER_ORGANIZATION, APPLICATION_ORGANIZATION, CONSORTIUM_ORGANIZATION -> ELSEWHERE;
        };
    }
}
