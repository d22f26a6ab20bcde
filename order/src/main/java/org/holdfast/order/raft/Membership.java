package org.holdfast.order.raft;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;
import org.holdfast.env.Loop;
import org.holdfast.order.OrderedLog.Ambiguous;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Changes of members and leader. Each runs on a virtual thread of its own, because Ratis' calls block.
final class Membership {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

    private final RaftEngine engine;
    private final ChannelId channel;
    private final Division division;

    Membership(RaftEngine engine, ChannelId channel, Division division) {
        this.engine = engine;
        this.channel = channel;
        this.division = division;
    }

    /// Ratis never gives a change up while a new member only answers that it is still fetching, and takes no other
    /// one meanwhile. So at our deadline the leader steps down, which drops a change that has not reached the log.
    CompletableFuture<Void> change(List<Seated> current, List<Seated> next) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Loop.Timer deadline = engine.loop().after(engine.settings().membershipDeadline(), () -> giveUp(done));
        CompletableFuture<?> _ = done.whenComplete((_, _) -> deadline.cancel());
        engine.world().start("raft-members-" + channel, () -> settle(done, () -> division.configure(current, next)));
        return done;
    }

    CompletableFuture<Void> transfer(Optional<MemberId> to) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        engine.world().start("raft-transfer-" + channel, () -> settle(done, () -> division.transfer(to.orElse(null))));
        return done;
    }

    private void giveUp(CompletableFuture<Void> done) {
        if (done.completeExceptionally(new Ambiguous("channel " + channel + ": members not changed within "
                + engine.settings().membershipDeadline().toSeconds() + " s, see who the members are"))) {
            engine.world().start("raft-give-up-" + channel, () -> {
                try {
                    LOG.warn("channel {}: stepping down to drop a change of members that does not end", channel);
                    division.transfer(null).get();
                } catch (IOException | ExecutionException | RuntimeException fault) {
                    // boundary: the caller has its answer; the next change of members is refused until this one ends
                    LOG.warn("channel {}: could not step down: {}", channel, fault.toString());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    private void settle(CompletableFuture<Void> done, Call call) {
        try {
            RaftClientReply reply = call.start().join();
            Division.check(reply);
            done.complete(null);
        } catch (IOException fault) {
            done.completeExceptionally(meaning(fault));
        } catch (CompletionException fault) {
            done.completeExceptionally(meaning(Decode.cause(fault)));
        } catch (RuntimeException fault) {
            done.completeExceptionally(fault);
        }
    }

    private RuntimeException meaning(@Nullable Throwable fault) {
        return switch (fault) {
            case LeaderNotReadyException _, LeaderSteppingDownException _, ServerNotReadyException _ ->
                Refusal.of(Code.NOT_LEADER, "channel %s: %s", channel, String.valueOf(fault))
                        .asException();
            case ReconfigurationInProgressException _, ReconfigurationTimeoutException _, SetConfigurationException _ ->
                Refusal.of(Code.MEMBERSHIP_CHANGING, "channel %s: %s", channel, String.valueOf(fault))
                        .asException();
            // Also what a leader answers that steps down with the change in its log.
            case NotLeaderException _ -> new Ambiguous("channel " + channel + ": " + fault);
            case null, default -> new Ambiguous("channel " + channel + ": " + fault);
        };
    }

    private interface Call {
        CompletableFuture<RaftClientReply> start() throws IOException;
    }
}
