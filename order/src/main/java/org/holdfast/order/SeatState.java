package org.holdfast.order;

import org.holdfast.wire.MemberId;

/// How a member may start in a channel, by its [SeatFile].
public sealed interface SeatState {
    /// The member asked about.
    MemberId member();

    /// Never started: may begin a new log together with the other first members.
    record FirstStart(MemberId member) implements SeatState {}

    /// Never started: waits with an empty log until the others add it.
    record Joining(MemberId member) implements SeatState {}

    /// Has its log: goes on.
    record Restart(MemberId member) implements SeatState {}

    /// May have voted and does not know how. Must never start under this id again: the seat comes back as its next
    /// incarnation.
    record NeedsTakeover(MemberId member, String reason) implements SeatState {}
}
