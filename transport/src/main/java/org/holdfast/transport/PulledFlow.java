package org.holdfast.transport;

import com.google.protobuf.ByteString;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The receiving half of a call, pulled by one thread: a few messages are asked for ahead, one more with each
/// taken.
final class PulledFlow extends ClientCall.Listener<ByteString> {
    private static final int AHEAD = 4;

    private final ClientCall<?, ByteString> call;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by the lock.
    private final Deque<ByteString> arrived = new ArrayDeque<>();
    private @Nullable Status ended;
    private @Nullable Metadata trailers;

    PulledFlow(ClientCall<?, ByteString> call) {
        this.call = call;
    }

    /// Sends the one request and asks for the first messages.
    static <T> PulledFlow start(ClientCall<T, ByteString> call, T request) {
        PulledFlow flow = new PulledFlow(call);
        call.start(flow, new Metadata());
        call.request(AHEAD);
        call.sendMessage(request);
        call.halfClose();
        return flow;
    }

    @Override
    public void onMessage(ByteString message) {
        lock.lock();
        try {
            arrived.add(message);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onClose(Status status, Metadata sentTrailers) {
        lock.lock();
        try {
            ended = status;
            trailers = sentTrailers;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for a message.
    ///
    /// @return empty when the call ended well
    Optional<ByteString> next() throws LinkBroken {
        return next(Long.MAX_VALUE);
    }

    /// Waits for a message, so many nanoseconds at most.
    ///
    /// @return empty when the call ended well
    /// @throws LinkBroken also when none came in that time
    Optional<ByteString> next(long mostNanos) throws LinkBroken {
        lock.lock();
        try {
            long left = mostNanos;
            while (arrived.isEmpty() && ended == null) {
                if (left <= 0) {
                    throw new LinkBroken("nothing came for " + Duration.ofNanos(mostNanos), null);
                }
                left = changed.awaitNanos(left);
            }
            ByteString message = arrived.poll();
            if (message != null) {
                call.request(1);
                return Optional.of(message);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LinkBroken("interrupted while waiting for a message", e);
        } finally {
            lock.unlock();
        }
        return endOrThrow();
    }

    void cancel() {
        call.cancel("no longer wanted", null);
    }

    private Optional<ByteString> endOrThrow() throws LinkBroken {
        Status status;
        Metadata sent;
        lock.lock();
        try {
            status = ended;
            sent = trailers;
        } finally {
            lock.unlock();
        }
        if (status == null || status.isOk()) {
            return Optional.empty();
        }
        var refusal = Answers.refusal(status, sent);
        if (refusal.isPresent()) {
            throw refusal.get().asException();
        }
        throw new LinkBroken("the stream broke: " + Answers.text(status), status.getCause());
    }
}
