package org.holdfast.order;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.holdfast.env.Loop;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.Refusal.Refused;
import org.jspecify.annotations.Nullable;

/// Read points of one channel. The leader has its log confirm that it leads and that everything committed was handed
/// on, waits until its cutter has read that far, and tells its height and time; any other member asks the leader.
///
/// A round that finds no leader, or one that is none any more, is tried again until patience ends: asking twice does no
/// harm.
///
/// Threads: any; timers and the look at the height are on the channel's loop.
final class ReadPoints {
    /// Callers that wait for the next round, on each of the two ways.
    static final int WAITING_MAX = 20_000;

    /// Longest wait of a leader for its log: beyond, it says that it cannot tell, and is asked again.
    static final Duration CONFIRM_MOST = Duration.ofMillis(500);

    /// Longest wait for the leader's node; more than it takes to confirm.
    static final Duration ASK_MOST = Duration.ofSeconds(1);

    private static final Duration AGAIN_MIN = Duration.ofMillis(10);
    private static final Duration AGAIN_MAX = Duration.ofMillis(200);

    private final Parts parts;
    private final SharedRound<ReadPoint> leading = new SharedRound<>(this::confirm, WAITING_MAX);
    private final SharedRound<ReadPoint> anywhere = new SharedRound<>(this::ask, WAITING_MAX);
    /// The last answer of each way: at most these two are open.
    private volatile CompletableFuture<ReadPoint> confirming = new CompletableFuture<>();

    private volatile CompletableFuture<ReadPoint> asking = new CompletableFuture<>();
    private volatile @Nullable Refusal closed;

    /// @param of the channel's; of these the world, this member, its peers and the patience of the settings
    /// @param leader the member that leads, as this node knows it now; asked on any thread
    /// @param here height and time behind everything the loop has read; asked on the loop, throws [Refused] where it
    /// may not be told
    record Parts(
            Orderer.Parts of,
            Loop loop,
            OrderedLog log,
            Supplier<Optional<MemberId>> leader,
            Supplier<ReadPoint> here,
            OrderFigures figures) {
        private long nanos() {
            return of.world().clock().nanos();
        }

        private Duration patience() {
            return of.settings().patience();
        }
    }

    ReadPoints(Parts parts) {
        this.parts = parts;
    }

    /// A read point, wherever the leader is. See [Orderer#readPoint].
    CompletableFuture<ReadPoint> next() {
        return anywhere.join();
    }

    /// A read point, if this member leads.
    CompletableFuture<ReadPoint> ofLeader() {
        return leading.join();
    }

    /// Refuses everything from now on, also what waits.
    void close(Refusal reason) {
        closed = reason;
        confirming.completeExceptionally(reason.asException());
        asking.completeExceptionally(reason.asException());
    }

    private CompletableFuture<ReadPoint> confirm() {
        CompletableFuture<ReadPoint> answer = new CompletableFuture<>();
        confirming = answer;
        if (refuse(answer)) {
            return answer;
        }
        CompletableFuture<Void> confirmed = parts.log.confirm();
        if (!confirmed.isDone()) {
            Loop.Timer late = parts.loop.after(
                    CONFIRM_MOST,
                    () -> answer.completeExceptionally(Refusal.of(
                                    Code.NO_LEADER,
                                    "the log does not confirm within %d ms that this node leads",
                                    CONFIRM_MOST.toMillis())
                            .asException()));
            CompletableFuture<?> _ = answer.whenComplete((_, _) -> late.cancel());
        }
        CompletableFuture<?> _ = confirmed.whenComplete((_, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else if (!parts.loop.post(() -> tell(answer))) {
                answer.completeExceptionally(Refusal.of(Code.OVERLOADED, "the channel's thread is far behind")
                        .asException());
            }
        });
        return answer;
    }

    /// What the log handed on before it confirmed was posted before this, so it is read.
    private void tell(CompletableFuture<ReadPoint> answer) {
        try {
            answer.complete(parts.here.get());
        } catch (Refused e) {
            answer.completeExceptionally(e);
        }
    }

    private CompletableFuture<ReadPoint> ask() {
        CompletableFuture<ReadPoint> answer = new CompletableFuture<>();
        asking = answer;
        if (refuse(answer)) {
            return answer;
        }
        long began = parts.nanos();
        attempt(answer, began, AGAIN_MIN);
        CompletableFuture<?> _ =
                answer.whenComplete((_, failure) -> parts.figures.readPoint(failure == null, parts.nanos() - began));
        return answer;
    }

    private boolean refuse(CompletableFuture<ReadPoint> answer) {
        Refusal reason = closed;
        return reason != null && answer.completeExceptionally(reason.asException());
    }

    private void attempt(CompletableFuture<ReadPoint> answer, long began, Duration pause) {
        CompletableFuture<?> _ = ask(parts.leader.get()).whenComplete((point, failure) -> {
            if (failure == null) {
                answer.complete(point);
                return;
            }
            Throwable reason = Decode.cause(failure);
            if (answer.isDone() || parts.nanos() - began > parts.patience().toNanos()) {
                answer.completeExceptionally(nobody(reason));
                return;
            }
            Duration longer = pause.multipliedBy(2);
            parts.loop.after(pause, () -> attempt(answer, began, longer.compareTo(AGAIN_MAX) > 0 ? AGAIN_MAX : longer));
        });
    }

    private CompletableFuture<ReadPoint> ask(Optional<MemberId> leader) {
        if (leader.isEmpty()) {
            return CompletableFuture.failedFuture(
                    Refusal.of(Code.NO_LEADER, "no leader is known").asException());
        }
        return leader.get().equals(parts.of.self().member())
                ? leading.join()
                : parts.of.peers().readPoint(leader.get(), ASK_MOST);
    }

    private RuntimeException nobody(Throwable reason) {
        return Refusal.of(
                        Code.NO_LEADER,
                        "no leader confirmed the read within %d ms, the last answer was: %s; a stale read needs no"
                                + " leader",
                        parts.patience().toMillis(),
                        Decode.reason(reason))
                .asException();
    }
}
