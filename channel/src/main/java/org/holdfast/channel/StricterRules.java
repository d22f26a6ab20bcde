package org.holdfast.channel;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.wire.Code;
import org.hyperledger.fabric.protos.orderer.ConsensusType;

/// What real orderers have accepted to somebody's harm (the recorded cases marked `hazard`), and what this program
/// cannot carry out. Asked at the gate only: a block that was written all the same is read and followed.
final class StricterRules {
    /// What a config envelope holds besides the config: the update with its signatures, headers.
    private static final int UPDATE_BYTES = 16 * 1024;

    private final ChannelConfig current;
    private final ChannelConfig next;

    private StricterRules(ChannelConfig current, ChannelConfig next) {
        this.current = current;
        this.next = next;
    }

    /// @throws UpdateFault telling the harm and what to do instead
    static void check(ChannelConfig current, ChannelConfig next, UpdateRules.Outcome outcome, UpdateContext context) {
        StricterRules rules = new StricterRules(current, next);
        if (!outcome.lost().isEmpty()) {
            throw refuse(("nothing would come of %s: the group above does not list it in its new version. Raise that"
                            + " group's version, as compute_update does")
                    .formatted(String.join(", ", outcome.lost())));
        }
        rules.features();
        rules.addresses();
        rules.room();
        rules.consensus(context);
        if (context.fixedConsenters() && ConfigChange.between(current, next).consenters()) {
            throw refuse("this version does not change a running channel's consenters (members, addresses,"
                    + " certificates or their order); everything else of the config can be changed");
        }
    }

    private static UpdateFault refuse(String text) {
        return new UpdateFault(Code.UPDATES_NOT_SUPPORTED, text);
    }

    private void features() {
        List<String> lowered = FeatureLevel.lowered(current, next);
        if (!lowered.isEmpty()) {
            throw refuse("the feature level of a channel is never lowered: %s".formatted(String.join("; ", lowered)));
        }
        List<String> strange = new ArrayList<>(FeatureLevel.unknownToPeers(next));
        strange.removeAll(FeatureLevel.unknownToPeers(current));
        if (!strange.isEmpty()) {
            throw refuse(
                    "/Channel/Application/Capabilities asks for %s, which no peer is known to have: peers would stop"
                            .formatted(strange));
        }
        List<String> policies = new ArrayList<>(next.unusablePolicies());
        policies.removeAll(current.unusablePolicies());
        if (!policies.isEmpty()) {
            throw refuse("nobody could ever satisfy %s".formatted(String.join("; ", policies)));
        }
    }

    private void addresses() {
        if (next.ordererAddresses().isEmpty() && !current.ordererAddresses().isEmpty()) {
            throw refuse("no orderer organisation would have Endpoints left, and peers would find no orderer");
        }
    }

    /// A config travels in one envelope, which may not be larger than others.
    private void room() {
        int limit = next.batchSize().absoluteMaxBytes();
        int tree = next.tree().getSerializedSize();
        if (limit < current.batchSize().absoluteMaxBytes() && limit - UPDATE_BYTES < tree) {
            throw refuse(("with BatchSize.absolute_max_bytes %d no config update would fit into an envelope any more,"
                            + " the config itself has %d bytes: at least %d are needed")
                    .formatted(limit, tree, tree + UPDATE_BYTES));
        }
    }

    private void consensus(UpdateContext context) {
        ConsensusType before = MaintenanceRules.consensus(current);
        ConsensusType after = MaintenanceRules.consensus(next);
        if (after.getState() == ConsensusType.State.UNRECOGNIZED && after.getStateValue() != before.getStateValue()) {
            throw refuse(
                    "%d is no ConsensusType.State: 0 is NORMAL, 1 is MAINTENANCE".formatted(after.getStateValue()));
        }
        if (!before.getType().equals(after.getType())) {
            if (!after.getType().equals(RaftMetadata.TYPE)) {
                throw refuse("this version cannot order a channel of type %s, only of type etcdraft"
                        .formatted(after.getType()));
            }
            try {
                ConsenterRules.sound(next);
            } catch (UpdateFault e) {
                throw refuse("no node could order the channel after its restart: " + e.getMessage());
            }
        }
        if (!context.runningType().equals(before.getType()) && before.getStateValue() != after.getStateValue()) {
            throw refuse(("the channel is still ordered by %s and its config says %s: restart every orderer before it"
                            + " leaves maintenance")
                    .formatted(context.runningType(), before.getType()));
        }
        // What is unsound already does not get worse by an update of something else.
        boolean sound = current.hazards().isEmpty() || !before.getType().equals(after.getType());
        if (sound && !next.hazards().isEmpty()) {
            throw refuse("the channel could not be ordered with this config: " + String.join("; ", next.hazards()));
        }
    }
}
