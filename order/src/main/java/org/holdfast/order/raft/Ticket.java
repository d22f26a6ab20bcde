package org.holdfast.order.raft;

import com.google.protobuf.ByteString;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.order.OrderedLog.Position;
import org.jspecify.annotations.Nullable;

/// An append under way.
final class Ticket {
    private final long call;
    private final ByteString record;
    private final Optional<ByteString> packed;
    private final CompletableFuture<Position> outcome = new CompletableFuture<>();
    private volatile boolean inLog;
    private volatile @Nullable RuntimeException stampFault;

    /// @param call the request's number at Ratis
    /// @param record as it was given to be appended
    /// @param packed as it goes into the log; empty = as it was given
    Ticket(long call, ByteString record, Optional<ByteString> packed) {
        this.call = call;
        this.record = record;
        this.packed = packed;
    }

    long call() {
        return call;
    }

    ByteString record() {
        return record;
    }

    int bytes() {
        return record.size();
    }

    boolean isPacked() {
        return packed.isPresent();
    }

    /// What the log is given.
    ByteString content() {
        return packed.orElse(record);
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
