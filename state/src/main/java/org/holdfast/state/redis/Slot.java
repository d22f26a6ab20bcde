package org.holdfast.state.redis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.holdfast.state.Command;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// A request's place in the order of a session's replies. Written by the session's event loop, but for the outcome,
/// which comes from any thread, once.
final class Slot {
    /// Stands where a reply was given without any work.
    static final Command NO_COMMAND = Command.of("");

    static final Work DONE =
            new Work(Kind.READ, false, () -> CompletableFuture.completedStage(Reply.OK), UnaryOperator.identity());

    /// What may be in flight beside what: requests of one kind.
    enum Kind {
        READ,
        WRITE
    }

    /// How a request gets its reply.
    ///
    /// @param kind what it may be in flight with
    /// @param alone no other request is taken before it is answered
    /// @param begin asks for the reply; called on the event loop
    /// @param finish makes the final reply of it, on the event loop, when the replies before it have been given
    record Work(Kind kind, boolean alone, Supplier<CompletionStage<Reply>> begin, UnaryOperator<Reply> finish) {}

    final Command command;
    final long bytes;
    final boolean silent;
    final long beganNanos;
    final Work work;
    int version;

    private volatile @Nullable Reply outcome;

    Slot(Command command, long bytes, boolean silent, long beganNanos, Work work) {
        this.command = command;
        this.bytes = bytes;
        this.silent = silent;
        this.beganNanos = beganNanos;
        this.work = work;
    }

    /// Whether a request was handed on, not answered at once.
    boolean asked() {
        return bytes > 0;
    }

    void outcome(Reply reply) {
        outcome = reply;
    }

    /// Null until it is there.
    @Nullable
    Reply outcome() {
        return outcome;
    }
}
