package org.holdfast.order;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// Rounds of something that many want and one can do for all who asked before it began: one is under way at a time, and
/// the next one is for everybody who came meanwhile. Thread-safe.
final class SharedRound<T> {
    private final Supplier<CompletableFuture<T>> work;
    private final int most;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable CompletableFuture<T> next;
    private int waiting;
    private boolean underWay;

    /// @param work one round; called again only after its last answer, on the thread that gave it
    /// @param most callers that may wait for the next round
    SharedRound(Supplier<CompletableFuture<T>> work, int most) {
        this.work = work;
        this.most = most;
    }

    /// The outcome of a round that begins after this call.
    CompletableFuture<T> join() {
        CompletableFuture<T> mine;
        lock.lock();
        try {
            if (underWay) {
                return joinNext();
            }
            underWay = true;
            mine = new CompletableFuture<>();
        } finally {
            lock.unlock();
        }
        run(mine);
        return mine.copy();
    }

    private CompletableFuture<T> joinNext() {
        if (waiting >= most) {
            return CompletableFuture.failedFuture(
                    Refusal.of(Code.OVERLOADED, "%d reads wait for the leader's word: try again", waiting)
                            .asException());
        }
        waiting++;
        if (next == null) {
            next = new CompletableFuture<>();
        }
        return next.copy();
    }

    private void run(CompletableFuture<T> answer) {
        CompletableFuture<?> _ = begin().whenComplete((value, failure) -> {
            CompletableFuture<T> following = turn();
            if (following != null) {
                run(following);
            }
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
    }

    private CompletableFuture<T> begin() {
        try {
            return work.get();
        } catch (RuntimeException e) { // whoever waits is told
            return CompletableFuture.failedFuture(e);
        }
    }

    private @Nullable CompletableFuture<T> turn() {
        lock.lock();
        try {
            CompletableFuture<T> following = next;
            next = null;
            waiting = 0;
            underWay = following != null;
            return following;
        } finally {
            lock.unlock();
        }
    }
}
