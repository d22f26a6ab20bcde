package org.holdfast.order;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.holdfast.env.Loop;
import org.holdfast.env.World;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.wire.MemberId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What only the leader does: time-to-cut records for a pending block, and making the engine's members equal to the
/// seats' (config or takeover first, membership second; taken up again by the next leader). Owned by the channel's
/// loop.
final class LeaderDuties {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderDuties.class);
    private static final Duration RECONCILE_PAUSE = Duration.ofMillis(500);
    private static final Duration TIME_TO_CUT_PAUSE = Duration.ofMillis(50);

    /// What the leader looks at.
    interface View {
        Leadership leadership();

        long nextBlock();

        int pendingEnvelopes();

        /// Nothing waits at this node's gate or is on its way into its log.
        boolean idle();

        /// Current member of each seat.
        List<MemberId> seats();
    }

    /// @param self this node's member
    /// @param batchTimeout the channel's upper bound for a pending block
    record Parts(
            World world,
            Loop loop,
            MemberId self,
            OrderedLog log,
            LeaderRoute route,
            Peers peers,
            OrdererSettings settings,
            Supplier<Duration> batchTimeout) {}

    private final Parts parts;
    private final View view;
    private long armedFor = -1;
    private long armedAtNanos;
    private boolean reconcileArmed;
    private boolean changing;
    private volatile boolean settled;

    LeaderDuties(Parts parts, View view) {
        this.parts = parts;
        this.view = view;
    }

    /// After a record, or a change of leadership.
    void look() {
        refresh();
        if (!leads()) {
            armedFor = -1;
            return;
        }
        if (view.pendingEnvelopes() > 0 && armedFor != view.nextBlock()) {
            armedFor = view.nextBlock();
            armedAtNanos = parts.world.clock().nanos();
            arm(armedFor);
        }
        reconcile();
    }

    /// Whether the engine's members are the seats' members, as last looked. Any thread.
    boolean settled() {
        return settled;
    }

    /// Looks whether the engine's members are the seats' members: after anything that may change either, or no record
    /// would be let in that the answer keeps out.
    void refresh() {
        settled = !changing && different(parts.log.members()).isEmpty();
    }

    private boolean leads() {
        return view.leadership().ready() && parts.route.local(view.leadership());
    }

    private void arm(long block) {
        Duration most = parts.batchTimeout.get();
        Duration wait = parts.settings.promptCutting() ? parts.settings.minPromptGap() : most;
        if (wait.compareTo(most) > 0) {
            wait = most;
        }
        parts.loop.after(wait, () -> expire(block));
    }

    private void expire(long block) {
        if (!leads() || view.nextBlock() != block || view.pendingEnvelopes() == 0) {
            return;
        }
        long waited = parts.world.clock().nanos() - armedAtNanos;
        if (!view.idle() && waited < parts.batchTimeout.get().toNanos()) {
            arm(block);
            return;
        }
        CompletableFuture<?> _ = parts.route.append(Records.timeToCut(block)).whenComplete((_, failure) -> {
            if (failure != null) {
                // Nothing else may ever come to this leader, so it looks again by itself.
                parts.loop.after(TIME_TO_CUT_PAUSE, () -> {
                    armedFor = -1;
                    look();
                });
            }
        });
    }

    private void reconcile() {
        if (changing || reconcileArmed || different(parts.log.members()).isEmpty()) {
            return;
        }
        reconcileArmed = true;
        parts.loop.after(Duration.ofMillis(1), () -> {
            reconcileArmed = false;
            if (leads() && !changing) {
                change();
            }
        });
    }

    /// Seats whose member differs from the engine's. Where the engine has a later incarnation than the seat, the seat
    /// follows: the channel began with that member, whose takeover is on its way.
    private List<MemberId> different(List<Seated> members) {
        Map<String, MemberId> present = new HashMap<>();
        for (Seated seated : members) {
            present.put(seated.member().seat(), seated.member());
        }
        List<MemberId> result = new ArrayList<>();
        if (members.isEmpty()) {
            return result;
        }
        for (MemberId seat : view.seats()) {
            MemberId there = present.get(seat.seat());
            if (there == null || there.incarnation() < seat.incarnation()) {
                result.add(seat);
            }
        }
        return result;
    }

    /// Replaces one member. Asking for its address blocks, so a virtual thread does it.
    private void change() {
        List<Seated> current = parts.log.members();
        List<MemberId> wanted = different(current);
        if (wanted.isEmpty()) {
            return;
        }
        MemberId next = wanted.getFirst();
        changing = true;
        refresh();
        parts.world.start("reconcile-" + next, () -> {
            Optional<Seated> found = parts.peers
                    .locate(next.seat())
                    .filter(seated -> seated.member().equals(next));
            if (found.isEmpty()) {
                later("member " + next + " does not answer");
                return;
            }
            List<Seated> members = new ArrayList<>(current);
            members.removeIf(seated -> seated.member().seat().equals(next.seat()));
            members.add(found.get());
            LOG.info(
                    "Changing the engine's members: {} takes its seat at {}",
                    next,
                    found.get().address());
            CompletableFuture<?> _ = parts.log.changeMembers(current, members).whenComplete((_, failure) -> {
                if (failure == null) {
                    parts.loop.post(() -> {
                        changing = false;
                        look();
                    });
                } else {
                    later(String.valueOf(failure.getMessage()));
                }
            });
        });
    }

    private void later(String reason) {
        LOG.warn("The engine's members differ from the seats, trying again: {}", reason);
        parts.loop.after(RECONCILE_PAUSE, () -> {
            changing = false;
            look();
        });
    }
}
