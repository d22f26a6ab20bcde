package org.holdfast.order;

import java.util.List;
import java.util.Optional;
import org.holdfast.wire.MemberId;

/// A channel as this node sees it.
///
/// @param role what this node is in the channel now
/// @param leader the member that leads, if known
/// @param term the engine's term
/// @param height number of the next block
/// @param configSequence of the config in force
/// @param members present member of each seat
/// @param problem why the channel does not serve, if it does not
public record OrdererStatus(
        Role role,
        Optional<MemberId> leader,
        long term,
        long height,
        long configSequence,
        List<MemberId> members,
        Optional<String> problem) {
    /// What a node is in a channel.
    public enum Role {
        LEADER,
        FOLLOWER,
        OBSERVER
    }

    public OrdererStatus {
        members = List.copyOf(members);
    }
}
