package org.holdfast.transport;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.env.Clock;
import org.jspecify.annotations.Nullable;

/// The sending half of a call whose reader may be slow: a sender parks until the reader has taken what was sent
/// before, and a reader that takes nothing for the stall timeout is cut, so that no more than one message waits
/// beyond the flow window.
final class Outflow {
    private final ServerCall<?, ByteString> call;
    private final Clock clock;
    private final long stallNanos;
    private final Context context;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by the lock.
    private final List<Runnable> goneActions = new ArrayList<>();
    private @Nullable String gone;

    /// Made where the call starts: it keeps that call's context.
    Outflow(ServerCall<?, ByteString> call, Clock clock, Duration stall) {
        this.call = call;
        this.clock = clock;
        this.stallNanos = stall.toNanos();
        this.context = Context.current();
    }

    /// The reader can take more.
    void ready() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The reader ended the call or lost its connection.
    void cancelled() {
        leave("the reader has gone");
    }

    void send(ByteString message) throws ReaderGone {
        lock.lock();
        try {
            long waitedSince = clock.nanos();
            while (gone == null && !call.isReady()) {
                long left = stallNanos - (clock.nanos() - waitedSince);
                if (left <= 0) {
                    break;
                }
                // Whether it ended by a signal or by time shows in the loop's conditions.
                long _ = changed.awaitNanos(left);
            }
            if (gone != null) {
                throw new ReaderGone(gone);
            }
            if (call.isReady()) {
                call.sendMessage(message);
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ReaderGone("the sending thread was interrupted");
        } finally {
            lock.unlock();
        }
        cut();
        throw new ReaderGone("the reader took nothing for " + Duration.ofNanos(stallNanos) + " and was cut");
    }

    /// Ends the call, if it has not ended.
    void end(Status status, Metadata trailers) {
        lock.lock();
        try {
            if (gone == null) {
                gone = "the call has ended";
                call.close(status, trailers);
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isGone() {
        lock.lock();
        try {
            return gone != null;
        } finally {
            lock.unlock();
        }
    }

    void onGone(Runnable action) {
        lock.lock();
        try {
            if (gone == null) {
                goneActions.add(action);
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    /// The service that asked to be woken has ended.
    void forgetGoneActions() {
        lock.lock();
        try {
            goneActions.clear();
        } finally {
            lock.unlock();
        }
    }

    // A status would queue behind the data the reader does not take. gRPC resets the stream, and frees what is queued,
    // when the
    // call's context ends with a timeout.
    private void cut() {
        leave("the reader was cut");
        if (context instanceof Context.CancellableContext cancellable) {
            cancellable.cancel(new TimeoutException("the reader took no data for too long"));
        } else {
            call.close(
                    Status.DEADLINE_EXCEEDED.withDescription("the reader took no data for too long"), new Metadata());
        }
    }

    private void leave(String why) {
        List<Runnable> actions;
        lock.lock();
        try {
            if (gone != null) {
                return;
            }
            gone = why;
            actions = List.copyOf(goneActions);
            goneActions.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        actions.forEach(Runnable::run);
    }
}
