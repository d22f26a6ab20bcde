package org.holdfast.transport;

/// What a listener serves.
public record Services(BroadcastService broadcast, DeliverService deliver, ClusterService cluster) {}
