package org.holdfast.channel;

import java.time.Duration;

/// Raft options of a channel, as etcdraft names them.
///
/// @param tickInterval the unit of the next two
/// @param electionTicks ticks without a leader before an election
/// @param heartbeatTicks ticks between heartbeats
/// @param maxInflightBlocks blocks proposed and not yet committed, at most
/// @param snapshotIntervalBytes bytes of blocks between snapshots
public record Options(
        Duration tickInterval,
        int electionTicks,
        int heartbeatTicks,
        int maxInflightBlocks,
        int snapshotIntervalBytes) {
    /// The values of Fabric's sample configuration.
    public static final Options SAMPLE = new Options(Duration.ofMillis(500), 10, 1, 5, 16 * 1024 * 1024);
}
