package org.holdfast.order;

import java.util.Map;
import org.holdfast.wire.MemberId;

/// What a channel's engine tells operators of its log.
///
/// @param role of this member
/// @param term the newest it knows
/// @param committed index of the newest record known to be committed
/// @param applied index of the newest record that was handed on
/// @param progress of the other members, as the leader knows it; empty on others, and while members change
public record LogFigures(Role role, long term, long committed, long applied, Map<MemberId, Progress> progress) {
    /// What a member is in the engine now.
    public enum Role {
        LEADER,
        FOLLOWER,
        /// It stands for election, or asks whether it may.
        CANDIDATE,
        /// It reads and does not vote.
        LEARNER,
        /// It is being started.
        STARTING
    }

    /// How far a member is.
    ///
    /// @param match index of the newest record that is on its disk, as far as it has answered
    /// @param next index of the record it is sent next
    public record Progress(long match, long next) {}

    public LogFigures {
        progress = Map.copyOf(progress);
    }
}
