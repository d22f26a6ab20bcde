package org.holdfast.channel;

/// `ConsensusType.State` of a channel. Numbers unknown to Fabric count as NORMAL there, and so here.
public enum ConsensusState {
    NORMAL,
    MAINTENANCE
}
