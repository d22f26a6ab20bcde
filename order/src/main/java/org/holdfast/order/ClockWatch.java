package org.holdfast.order;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.env.Loop;
import org.holdfast.env.World;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.order.Peers.ClockReading;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.MemberId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a node from leading while its wall clock is far off the members' median, for the leader's clock becomes the
/// channel's time: it compares clocks every few seconds, and hands leadership over when it leads and its clock is off.
///
/// The channel's time never goes back, so records that the leader stamped with a clock that was ahead keep the time
/// there until the others' clocks have come so far. One that was behind does no harm.
///
/// Owned by the channel's loop; asking the members blocks, so each round runs on a virtual thread of its own.
final class ClockWatch {
    /// From one round's end to the next round.
    static final Duration LOOK = Duration.ofSeconds(3);

    private static final Logger LOG = LoggerFactory.getLogger(ClockWatch.class);

    private final Parts parts;
    private ClockVerdict verdict = new ClockVerdict(ClockVerdict.State.UNKNOWN, 0, Optional.empty());
    private boolean leads;
    private volatile long aheadMillis;

    /// @param self this node's member
    /// @param log whose leadership is handed over
    record Parts(World world, Loop loop, ChannelId channel, MemberId self, OrderedLog log, Peers peers) {}

    ClockWatch(Parts parts) {
        this.parts = parts;
    }

    /// Begins to compare. On the loop; it ends with the loop.
    void start() {
        parts.world.start("clocks-" + parts.channel, () -> {
            List<ClockReading> readings = parts.peers.clocks();
            // Nothing is posted once the loop has ended.
            boolean _ = parts.loop.postWaiting(() -> {
                judge(readings);
                parts.loop.after(LOOK, this::start);
            });
        });
    }

    /// This node leads, or no longer does. On the loop.
    void leads(boolean now) {
        boolean began = now && !leads;
        leads = now;
        if (began) {
            giveUpLeading();
        }
    }

    /// How far this node's clock is ahead of the members' median, as last compared; 0 before. Any thread.
    double aheadSeconds() {
        return aheadMillis / 1000.0;
    }

    private void judge(List<ClockReading> readings) {
        int members = parts.log.members().size();
        ClockVerdict now = ClockVerdict.of(readings, members);
        if (now.state() != verdict.state()) {
            tell(now, readings.size() + 1, members);
        }
        verdict = now;
        aheadMillis = now.aheadMillis();
        if (leads) {
            giveUpLeading();
        }
    }

    private void tell(ClockVerdict now, int known, int members) {
        switch (now.state()) {
            case OFF ->
                LOG.warn(
                        "The clock of this node is {} s ahead of the median of channel={}: it does not lead until the"
                                + " clock is right",
                        now.aheadMillis() / 1000.0,
                        parts.channel);
            case DISAGREE ->
                LOG.warn(
                        "The clocks of {} of {} members of channel={} are known and no majority agrees within {} s:"
                                + " whoever leads stamps its own time; set the clocks",
                        known,
                        members,
                        parts.channel,
                        ClockVerdict.OFF.toSeconds());
            case FINE -> {
                if (verdict.state() != ClockVerdict.State.UNKNOWN) {
                    LOG.info("The clock of this node agrees with the median of channel={} again", parts.channel);
                }
            }
            case UNKNOWN -> {}
        }
    }

    private void giveUpLeading() {
        if (verdict.state() != ClockVerdict.State.OFF) {
            return;
        }
        Optional<MemberId> next = verdict.best().flatMap(this::member);
        LOG.warn(
                "The clock of this node, which leads channel={}, is {} s ahead of the median: leadership goes to {}",
                parts.channel,
                verdict.aheadMillis() / 1000.0,
                next.map(MemberId::toString).orElse("another member"));
        CompletableFuture<?> _ = parts.log.transferLeadership(next).whenComplete((_, failure) -> {
            if (failure != null) {
                // The next round tries again.
                LOG.info("Leadership of channel={} stays for now: {}", parts.channel, failure.toString());
            }
        });
    }

    private Optional<MemberId> member(String seat) {
        return parts.log.members().stream()
                .map(Seated::member)
                .filter(member -> member.seat().equals(seat) && !member.equals(parts.self))
                .findFirst();
    }
}
