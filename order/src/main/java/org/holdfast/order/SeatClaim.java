package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.SeatTakeover;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes this node's seat for its new incarnation: asks the members for the seat's present holder, has the leader
/// order a signed takeover, and waits until the seat is its own and the engine has this member. A channel whose log
/// begins with a member of a later life has it in the engine already: there only the takeover is missing. Runs on a
/// virtual thread until seated or closed.
final class SeatClaim {
    private static final Logger LOG = LoggerFactory.getLogger(SeatClaim.class);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final ChannelId channel;
    private final MemberId self;
    private final int seat;
    private final Peers peers;
    private final Takeovers.SeatKey key;
    private final Function<ByteString, CompletableFuture<?>> ownLog;
    private final CountDownLatch closed = new CountDownLatch(1);

    /// A seat to be taken.
    ///
    /// @param member the new member
    /// @param seat position of the seat in the config's consenters
    /// @param key the seat's
    record Place(ChannelId channel, MemberId member, int seat, Takeovers.SeatKey key) {}

    /// @param ownLog takes a record of this member while it leads itself
    SeatClaim(Place place, Peers peers, Function<ByteString, CompletableFuture<?>> ownLog) {
        this.channel = place.channel;
        this.self = place.member;
        this.seat = place.seat;
        this.key = place.key;
        this.peers = peers;
        this.ownLog = ownLog;
    }

    /// @param seated whether the seat is this member's and the engine counts it
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
        ByteString record = Records.takeover(takeover);
        if (leader.get().equals(self)) {
            CompletableFuture<?> _ = ownLog.apply(record);
            return;
        }
        CompletableFuture<?> _ = peers.submit(leader.get(), record)
                .thenAccept(reply -> LOG.info("The leader answered: {} {}", reply.getOutcome(), reply.getText()));
    }
}
