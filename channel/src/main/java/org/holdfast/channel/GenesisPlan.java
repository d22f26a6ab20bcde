package org.holdfast.channel;

import java.time.Duration;
import java.util.List;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;

/// What a new channel's members agree on.
///
/// @param channel its name
/// @param orderers organisations that order; at least one
/// @param applications organisations that use it
/// @param consenters the first members
/// @param settings the rest
public record GenesisPlan(
        ChannelId channel,
        List<Member> orderers,
        List<Member> applications,
        List<Consenter> consenters,
        Settings settings) {
    public GenesisPlan {
        orderers = List.copyOf(orderers);
        applications = List.copyOf(applications);
        consenters = List.copyOf(consenters);
    }

    /// An organisation.
    ///
    /// @param name its group in the tree, e.g. `Org1`
    /// @param msp its membership rules, from [org.holdfast.identity.MspDirectory]
    /// @param endpoints `host:port` of its orderers; empty for others
    public record Member(String name, FabricMSPConfig msp, List<String> endpoints) {
        public Member {
            endpoints = List.copyOf(endpoints);
        }
    }

    /// Numbers that have good defaults.
    public record Settings(Options options, BatchSize batchSize, Duration batchTimeout) {
        /// Fabric's sample values: blocks of 500 envelopes or 2 MB, envelopes of at most 10 MB, 2 s.
        public static final Settings SAMPLE =
                new Settings(Options.SAMPLE, new BatchSize(500, 10 << 20, 2 << 20), Duration.ofSeconds(2));
    }
}
