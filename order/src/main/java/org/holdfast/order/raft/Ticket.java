package org.holdfast.order.raft;

import java.util.concurrent.CompletableFuture;
import org.holdfast.order.OrderedLog.Position;
import org.jspecify.annotations.Nullable;

/// An append under way.
final class Ticket {
    private final long call;
    private final int bytes;
    private final CompletableFuture<Position> outcome = new CompletableFuture<>();
    private volatile boolean inLog;
    private volatile @Nullable RuntimeException stampFault;

    /// @param call the request's number at Ratis
    /// @param bytes size of the record
    Ticket(long call, int bytes) {
        this.call = call;
        this.bytes = bytes;
    }

    long call() {
        return call;
    }

    int bytes() {
        return bytes;
    }

    CompletableFuture<Position> outcome() {
        return outcome;
    }

    /// From here on the record may be committed, whatever the request's answer is. Called before the leader's log takes
    /// it.
    void reachesLog() {
        inLog = true;
    }

    boolean isInLog() {
        return inLog;
    }

    /// The stamper failed.
    void stampFailed(RuntimeException fault) {
        stampFault = fault;
    }

    @Nullable
    RuntimeException stampFault() {
        return stampFault;
    }
}
