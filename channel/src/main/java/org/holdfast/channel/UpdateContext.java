package org.holdfast.channel;

import java.util.Optional;
import java.util.Set;

/// What the judge of a config update cannot find in the channel's config.
///
/// @param wallMillis now: an added consenter's certificates must not have run out by then
/// @param runningType `ConsensusType.type` of the engine that orders the channel now; differs from the config's between
///     a switch of type and the restart
/// @param fixedConsenters whether the engine cannot change its members: then every update that touches the list of
///     consenters is refused, in plain words
/// @param activeSeats seats ([Consenter#seat]) of the consenters the leader hears, itself included; empty when nobody
///     can tell, and all count as heard
public record UpdateContext(
        long wallMillis, String runningType, boolean fixedConsenters, Optional<Set<String>> activeSeats) {
    public UpdateContext {
        activeSeats = activeSeats.map(Set::copyOf);
    }

    /// For a channel that orders by what its config says and hears all its members.
    public static UpdateContext of(long wallMillis, ChannelConfig current) {
        return new UpdateContext(wallMillis, current.consensusType(), false, Optional.empty());
    }

    /// With this engine's members fixed.
    public UpdateContext withFixedConsenters() {
        return new UpdateContext(wallMillis, runningType, true, activeSeats);
    }

    /// With these members heard.
    public UpdateContext hearing(Set<String> seats) {
        return new UpdateContext(wallMillis, runningType, fixedConsenters, Optional.of(seats));
    }

    /// While an engine of this type still runs.
    public UpdateContext running(String type) {
        return new UpdateContext(wallMillis, type, fixedConsenters, activeSeats);
    }
}
