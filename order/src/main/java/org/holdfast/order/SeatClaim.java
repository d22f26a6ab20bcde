package org.holdfast.order;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.SeatTakeover;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes this node's seat for its new incarnation: asks the members for the seat's present holder, has the leader
/// order a signed takeover, and waits until the engine has this member. Runs on a virtual thread until seated or
/// closed.
final class SeatClaim {
    private static final Logger LOG = LoggerFactory.getLogger(SeatClaim.class);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final ChannelId channel;
    private final MemberId self;
    private final int seat;
    private final Peers peers;
    private final Takeovers.SeatKey key;
    private final CountDownLatch closed = new CountDownLatch(1);

    /// @param self the new member
    /// @param seat position of the seat in the config's consenters
    SeatClaim(ChannelId channel, MemberId self, int seat, Peers peers, Takeovers.SeatKey key) {
        this.channel = channel;
        this.self = self;
        this.seat = seat;
        this.peers = peers;
        this.key = key;
    }

    /// @param seated whether the engine counts this member
    void run(BooleanSupplier seated) {
        try {
            while (!seated.getAsBoolean()) {
                step();
                if (closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
            LOG.info("Member {} has its seat {} in channel={}", self, seat, channel);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void close() {
        closed.countDown();
    }

    private void step() {
        Optional<Peers.View> view = peers.view();
        if (view.isEmpty()) {
            LOG.info("Waiting for the other members of channel={} to take seat {}", channel, seat);
            return;
        }
        List<MemberId> members = view.get().members();
        Optional<MemberId> leader = view.get().leader();
        if (seat >= members.size() || leader.isEmpty()) {
            return;
        }
        MemberId present = members.get(seat);
        if (present.equals(self)) {
            return;
        }
        if (present.incarnation() >= self.incarnation()) {
            LOG.error(
                    "Seat {} of channel={} is held by {}, this node is {}: start it again to come back as the next one",
                    seat,
                    channel,
                    present,
                    self);
            return;
        }
        LOG.info("Asking leader {} to let {} take the seat of {} in channel={}", leader.get(), self, present, channel);
        SeatTakeover takeover = Takeovers.sign(channel, seat, present, self, key);
        // Only a hint of progress: whether it was ordered shows in the members, which the next step asks for.
        CompletableFuture<?> _ = peers.submit(leader.get(), Records.takeover(takeover))
                .thenAccept(reply -> LOG.info("The leader answered: {} {}", reply.getOutcome(), reply.getText()));
    }
}
