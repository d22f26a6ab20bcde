package org.holdfast.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.holdfast.channel.BatchSize;
import org.holdfast.channel.ByteSize;
import org.holdfast.channel.GenesisPlan;
import org.holdfast.channel.GoDuration;
import org.holdfast.channel.Options;
import org.holdfast.env.YamlTree;

/// Reads how a channel, or a keyspace's channels, shall be ordered: the keys `raft`, `batch` and `timeout` of a
/// network.yaml. Faults are kept in the tree.
final class BlueprintOrdering {
    private BlueprintOrdering() {}

    static GenesisPlan.Settings read(YamlTree at) {
        return new GenesisPlan.Settings(
                raft(at.at("raft")),
                batch(at.at("batch")),
                duration(at.at("timeout"), GenesisPlan.Settings.SAMPLE.batchTimeout()));
    }

    private static Options raft(YamlTree at) {
        at.onlyKeys(Set.of("tick", "electionTicks", "heartbeatTicks", "maxInflightBlocks", "snapshotInterval"));
        Options sample = Options.SAMPLE;
        Options options = new Options(
                duration(at.at("tick"), sample.tickInterval()),
                at.at("electionTicks").number(sample.electionTicks(), 2, 10_000),
                at.at("heartbeatTicks").number(sample.heartbeatTicks(), 1, 10_000),
                at.at("maxInflightBlocks").number(sample.maxInflightBlocks(), 1, 10_000),
                size(at.at("snapshotInterval"), sample.snapshotIntervalBytes()));
        if (options.electionTicks() <= options.heartbeatTicks()) {
            at.at("electionTicks")
                    .fault("is %d, which must be more than heartbeatTicks (%d)"
                            .formatted(options.electionTicks(), options.heartbeatTicks()));
        }
        return options;
    }

    private static BatchSize batch(YamlTree at) {
        at.onlyKeys(Set.of("messages", "absoluteMax", "preferredMax"));
        BatchSize sample = GenesisPlan.Settings.SAMPLE.batchSize();
        BatchSize size = new BatchSize(
                at.at("messages").number(sample.maxMessages(), 1, Integer.MAX_VALUE),
                size(at.at("absoluteMax"), sample.absoluteMaxBytes()),
                size(at.at("preferredMax"), sample.preferredMaxBytes()));
        if (size.preferredMaxBytes() > size.absoluteMaxBytes()) {
            at.at("preferredMax").fault("is more than absoluteMax");
        }
        return size;
    }

    private static int size(YamlTree at, int fallback) {
        Optional<String> text = at.text();
        if (text.isEmpty()) {
            return fallback;
        }
        OptionalInt size = ByteSize.parse(text.get());
        if (size.isEmpty() || size.getAsInt() == 0) {
            at.fault("is '%s', a number of bytes such as 512 KB or 10 MB is wanted".formatted(text.get()));
            return fallback;
        }
        return size.getAsInt();
    }

    private static Duration duration(YamlTree at, Duration fallback) {
        Optional<String> text = at.text();
        if (text.isEmpty()) {
            return fallback;
        }
        Duration length = GoDuration.parse(text.get());
        if (length == null || length.isNegative() || length.isZero()) {
            at.fault("is '%s', a duration such as 2s or 500ms is wanted".formatted(text.get()));
            return fallback;
        }
        return length;
    }
}
