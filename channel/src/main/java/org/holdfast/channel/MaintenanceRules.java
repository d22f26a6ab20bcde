package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.util.Set;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;

/// The way into maintenance, through a change of the consensus type, and out again. One step at a time: a change of
/// state stands alone, a change of type is made within maintenance.
final class MaintenanceRules {
    private static final String ORDERER = "Orderer";
    private static final String CONSENSUS_TYPE = "ConsensusType";
    /// Types Fabric 2 can be switched between.
    private static final Set<String> TYPES = Set.of(RaftMetadata.TYPE, "solo", "kafka");

    private final ConsensusType before;
    private final ConsensusType after;

    private MaintenanceRules(ConsensusType before, ConsensusType after) {
        this.before = before;
        this.after = after;
    }

    /// @throws UpdateFault telling which step is not one
    static void check(ChannelConfig current, ChannelConfig next, ConfigUpdate update) {
        MaintenanceRules rules = new MaintenanceRules(consensus(current), consensus(next));
        if (!FeatureLevel.migration(current)) {
            rules.withoutCapability();
            return;
        }
        if (rules.before.getStateValue() != rules.after.getStateValue()) {
            rules.state(update.getWriteSet());
        }
        if (!rules.before.getType().equals(rules.after.getType())) {
            rules.type();
        }
    }

    /// The decoded value; it was read before.
    static ConsensusType consensus(ChannelConfig config) {
        try {
            return ConsensusType.parseFrom(bytes(config));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("the consensus type of a config was read before", e);
        }
    }

    private static ByteString bytes(ChannelConfig config) {
        return config.tree()
                .getChannelGroup()
                .getGroupsOrThrow(ORDERER)
                .getValuesOrDefault(
                        CONSENSUS_TYPE, org.hyperledger.fabric.protos.common.ConfigValue.getDefaultInstance())
                .getValue();
    }

    private static UpdateFault fault(String text) {
        return new UpdateFault(Code.UPDATE_INVALID, text);
    }

    private void withoutCapability() {
        if (after.getState() != ConsensusType.State.STATE_NORMAL) {
            throw fault("next config attempted to change ConsensusType.State to %s, but capability is disabled"
                    .formatted(state(after)));
        }
    }

    private void state(ConfigGroup writes) {
        alone(writes);
        String moving = "but ConsensusType.State is changing from %s to %s".formatted(state(before), state(after));
        if (!before.getType().equals(after.getType())) {
            throw fault("attempted to change ConsensusType.Type from %s to %s, %s"
                    .formatted(before.getType(), after.getType(), moving));
        }
        if (!before.getMetadata().equals(after.getMetadata())) {
            throw fault("attempted to change ConsensusType.Metadata, " + moving);
        }
    }

    /// The whole write set counts, also what it leaves as it is.
    private static void alone(ConfigGroup writes) {
        if (writes.getValuesCount() > 0) {
            throw fault("config update contains changes to values of /Channel");
        }
        if (writes.getGroupsCount() > 1) {
            throw fault("config update contains changes to more than one group");
        }
        if (!writes.containsGroups(ORDERER)) {
            throw fault("config update does not contain the Orderer group");
        }
        ConfigGroup orderer = writes.getGroupsOrThrow(ORDERER);
        if (orderer.getGroupsCount() > 0) {
            throw fault("config update contains changes to groups within the Orderer group");
        }
        if (orderer.getValuesCount() != 1 || !orderer.containsValues(CONSENSUS_TYPE)) {
            throw fault("config update contain more then just the ConsensusType value in the Orderer group");
        }
    }

    private void type() {
        String change =
                "attempted to change consensus type from %s to %s, ".formatted(before.getType(), after.getType());
        if (before.getState() != ConsensusType.State.STATE_MAINTENANCE) {
            throw fault(change + "but current config ConsensusType.State is not in maintenance mode");
        }
        if (after.getState() != ConsensusType.State.STATE_MAINTENANCE) {
            throw fault(change + "but next config ConsensusType.State is not in maintenance mode");
        }
        if (!TYPES.contains(after.getType())) {
            throw fault(change + "transition not supported");
        }
        if (after.getType().equals(RaftMetadata.TYPE)) {
            try {
                requireDecodable(ConfigMetadata.parser(), after.getMetadata());
            } catch (InvalidProtocolBufferException e) {
                throw fault("failed to unmarshal etcdraft metadata configuration: " + Decode.reason(e));
            }
        }
    }

    private static void requireDecodable(Parser<?> parser, ByteString bytes) throws InvalidProtocolBufferException {
        parser.parseFrom(bytes);
    }

    private static String state(ConsensusType type) {
        return switch (type.getState()) {
            case STATE_NORMAL, STATE_MAINTENANCE -> type.getState().name();
            case UNRECOGNIZED -> Integer.toString(type.getStateValue());
        };
    }
}
