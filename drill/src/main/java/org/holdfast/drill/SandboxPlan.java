package org.holdfast.drill;

import java.time.Duration;
import java.util.List;
import org.holdfast.channel.BatchSize;
import org.holdfast.channel.Options;

/// What a sandbox is to be like.
///
/// @param nodes how many; each is a consenter
/// @param options of the channel
/// @param batchSize of the channel
/// @param heapMegabytes of each node
/// @param jvmOptions further options of each node's JVM
/// @param settings further lines under `Holdfast:` in each node's settings, such as `PatienceMs: 2000`
public record SandboxPlan(
        int nodes,
        Options options,
        BatchSize batchSize,
        int heapMegabytes,
        List<String> jvmOptions,
        List<String> settings) {
    /// Three nodes, an election after one second, blocks of 500 envelopes, a checkpoint every 16 MB.
    public static final SandboxPlan THREE = new SandboxPlan(
            3,
            new Options(Duration.ofMillis(100), 10, 1, 5, 16 << 20),
            new BatchSize(500, 10 << 20, 2 << 20),
            256,
            List.of(),
            List.of());

    public SandboxPlan {
        jvmOptions = List.copyOf(jvmOptions);
        settings = List.copyOf(settings);
    }

    /// With another size of blocks between two checkpoints: the engine forgets what is before one.
    public SandboxPlan withSnapshotInterval(int bytes) {
        Options smaller = new Options(
                options.tickInterval(),
                options.electionTicks(),
                options.heartbeatTicks(),
                options.maxInflightBlocks(),
                bytes);
        return new SandboxPlan(nodes, smaller, batchSize, heapMegabytes, jvmOptions, settings);
    }

    /// With blocks of at most so many envelopes.
    public SandboxPlan withBlocksOf(int envelopes) {
        BatchSize smaller = new BatchSize(envelopes, batchSize.absoluteMaxBytes(), batchSize.preferredMaxBytes());
        return new SandboxPlan(nodes, options, smaller, heapMegabytes, jvmOptions, settings);
    }

    /// With another number of nodes.
    public SandboxPlan withNodes(int count) {
        return new SandboxPlan(count, options, batchSize, heapMegabytes, jvmOptions, settings);
    }

    /// With other options of the nodes' JVMs.
    public SandboxPlan withJvmOptions(List<String> more) {
        return new SandboxPlan(nodes, options, batchSize, heapMegabytes, more, settings);
    }

    /// With other lines of settings.
    public SandboxPlan withSettings(List<String> lines) {
        return new SandboxPlan(nodes, options, batchSize, heapMegabytes, jvmOptions, lines);
    }
}
