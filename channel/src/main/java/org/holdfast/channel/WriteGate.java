package org.holdfast.channel;

/// Who may write to a channel on this node now.
public enum WriteGate {
    /// Everybody whom the policies admit.
    OPEN,
    /// Nobody but orderer admins changing the config.
    MAINTENANCE,
    /// Only the syncer that carries another site's blocks.
    SYNCER_ONLY,
    /// Nobody: this node shadows a primary.
    SHADOW,
    /// Nobody: the other side took over.
    FENCED
}
