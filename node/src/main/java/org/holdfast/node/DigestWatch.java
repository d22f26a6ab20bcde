package org.holdfast.node;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.holdfast.channel.Consenter;
import org.holdfast.env.Loop;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.holdfast.env.World;
import org.holdfast.keyspace.ShardReport;
import org.holdfast.order.Orderer;
import org.holdfast.state.BlockDigest;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.proto.DigestsAnswer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compares this node's shards with the other members', at a block that both have applied, every few seconds. Equal
/// commands make equal states; a digest that differs is a bug, a broken disk or somebody's hand in the files. The alarm
/// names the first block after which the digests differ, and stays until they agree again. Every node whose state
/// differs from another's says so in its log and its figures; unhealthy is one that has no majority of those compared
/// on its side.
///
/// Asking blocks, so each round runs on a virtual thread of its own, one at a time; what it found is read by any
/// thread.
final class DigestWatch implements AutoCloseable {
    /// From one round's end to the next.
    static final Duration LOOK = Duration.ofSeconds(10);

    static final Metric.Gauge DIVERGED = Metric.gauge(
            "holdfast_state_diverged",
            "Other members whose state of the shard differs from this node's at the same block: 0, or somebody has to"
                    + " look.",
            "members",
            "channel");
    static final List<Metric> ALL = List.of(DIVERGED);

    private static final int TASKS_MAX = 16;
    private static final Logger LOG = LoggerFactory.getLogger(DigestWatch.class);

    private final World world;
    private final Channels channels;
    private final StateDigests digests;
    private final Map<ChannelId, Verdict> verdicts = new ConcurrentSkipListMap<>();
    private final Map<ChannelId, Metrics.Watch> gauges = new ConcurrentSkipListMap<>();
    private final Loop loop;

    /// What was found of a shard.
    ///
    /// @param differing members whose state differs, and since which block
    /// @param agreeing how many others have this node's state
    private record Verdict(Map<String, Long> differing, int agreeing) {
        static final Verdict NONE = new Verdict(Map.of(), 0);

        boolean alone() {
            return !differing.isEmpty() && differing.size() >= agreeing + 1;
        }
    }

    DigestWatch(World world, Channels channels, StateDigests digests) {
        this.world = world;
        this.channels = channels;
        this.digests = digests;
        this.loop = world.loop("digests", TASKS_MAX, fault -> LOG.error("comparing digests failed", fault));
    }

    /// Begins to compare.
    DigestWatch start() {
        loop.after(LOOK, this::look);
        return this;
    }

    /// What is wrong with each shard whose state no majority shares; empty when there is none.
    Map<ChannelId, String> problems() {
        Map<ChannelId, String> found = new TreeMap<>();
        verdicts.forEach((channel, verdict) -> {
            if (verdict.alone()) {
                found.put(channel, text(verdict.differing()));
            }
        });
        return found;
    }

    @Override
    public void close() {
        loop.close();
    }

    private void look() {
        world.start("digests", () -> {
            try {
                List<ShardReport> shards = digests.keyspaces().reports();
                forgetAllBut(shards.stream().map(ShardReport::channel).toList());
                shards.stream()
                        .filter(shard -> shard.name().digest())
                        .forEach(shard -> channels.find(shard.channel()).ifPresent(this::compare));
            } finally {
                loop.after(LOOK, this::look);
            }
        });
    }

    /// A channel that was left has nothing to be alarmed about.
    private void forgetAllBut(List<ChannelId> open) {
        verdicts.keySet().retainAll(open);
        gauges.entrySet().removeIf(gauge -> {
            boolean gone = !open.contains(gauge.getKey());
            if (gone) {
                gauge.getValue().close();
            }
            return gone;
        });
    }

    private void compare(Orderer orderer) {
        ChannelId channel = orderer.config().id();
        ChannelPeers peers = channels.peers(orderer.config());
        Map<String, Long> before = verdicts.getOrDefault(channel, Verdict.NONE).differing();
        Map<String, Long> now = new TreeMap<>(before);
        now.keySet().retainAll(peers.others().stream().map(NodeReport::nameOf).toList());
        int agreeing = 0;
        for (Consenter other : peers.others()) {
            String name = NodeReport.nameOf(other);
            Optional<Boolean> same = same(channel, peers, other);
            if (same.isPresent() && same.get()) {
                now.remove(name);
                agreeing++;
            } else if (same.isPresent() && !now.containsKey(name)) {
                now.put(name, firstDifference(channel, peers, other));
            }
        }
        verdicts.put(channel, new Verdict(now, agreeing));
        gauges.computeIfAbsent(channel, one -> world.metrics().watch(DIVERGED, () -> differing(one), one.name()));
        if (!now.equals(before)) {
            if (now.isEmpty()) {
                LOG.warn("The state of channel={} is the other members' again", channel);
            } else {
                LOG.error("The state of channel={} {}", channel, text(now));
            }
        }
    }

    private int differing(ChannelId channel) {
        return verdicts.getOrDefault(channel, Verdict.NONE).differing().size();
    }

    private static String text(Map<String, Long> members) {
        String differences = members.entrySet().stream()
                .map(one -> "differs from that of %s since block %d".formatted(one.getKey(), one.getValue()))
                .collect(Collectors.joining(" and "));
        return differences
                + ": see on which node it is wrong with 'holdfast state compare'; there stop the node, delete"
                + " its state directory of the channel and start it: it comes again, from another member or the blocks";
    }

    /// Whether a member's state is ours at the newest block that both have; empty when that cannot be said now.
    private Optional<Boolean> same(ChannelId channel, ChannelPeers peers, Consenter other) {
        DigestsAnswer own = digests.of(channel, Long.MAX_VALUE, 1);
        if (!own.getKept()) {
            return Optional.empty();
        }
        Optional<DigestsAnswer> theirs = peers.digests(other, own.getApplied(), 1);
        if (theirs.isPresent() && theirs.get().getKept() && theirs.get().getApplied() < own.getApplied()) {
            theirs = peers.digests(other, theirs.get().getApplied(), 1);
        }
        if (theirs.isEmpty() || !theirs.get().getKept() || theirs.get().getDigestsCount() == 0) {
            return Optional.empty();
        }
        BlockDigest one = StateDigests.read(theirs.get()).getFirst();
        List<BlockDigest> ours = StateDigests.read(digests.of(channel, one.block(), 1));
        return ours.isEmpty() || ours.getFirst().block() != one.block()
                ? Optional.empty()
                : Optional.of(ours.getFirst().equals(one));
    }

    /// The first block after which the digests differ, of those that both remember; 0 when the member no longer
    /// answers.
    private long firstDifference(ChannelId channel, ChannelPeers peers, Consenter other) {
        return BlockDigest.firstDifference(
                        from -> StateDigests.read(digests.of(channel, from, StateDigests.MOST)),
                        from -> peers.digests(other, from, StateDigests.MOST)
                                .map(StateDigests::read)
                                .orElse(List.of()))
                .orElse(0);
    }
}
