package org.holdfast.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.hyperledger.fabric.protos.orderer.BroadcastResponse;
import org.jspecify.annotations.Nullable;

/// The client's end of one Broadcast stream.
final class SentEnvelopes extends ClientCall.Listener<ByteString> implements BroadcastStream {
    private static final int WINDOW = 1024;

    private final ClientCall<ByteString, ByteString> call;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by the lock.
    private final Deque<CompletableFuture<BroadcastAnswer>> unanswered = new ArrayDeque<>();
    private boolean closing;
    private @Nullable Status ended;

    SentEnvelopes(ClientCall<ByteString, ByteString> call) {
        this.call = call;
    }

    SentEnvelopes open() {
        call.start(this, new Metadata());
        call.request(WINDOW);
        return this;
    }

    @Override
    public CompletableFuture<BroadcastAnswer> send(ByteString envelope) throws LinkBroken {
        lock.lock();
        try {
            while (ended == null && !closing && !(call.isReady() && unanswered.size() < WINDOW)) {
                changed.await();
            }
            return sendLocked(envelope);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LinkBroken("interrupted while waiting to send", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CompletableFuture<BroadcastAnswer> sendAtOnce(ByteString envelope) throws LinkBroken {
        lock.lock();
        try {
            return sendLocked(envelope);
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<BroadcastAnswer> sendLocked(ByteString envelope) throws LinkBroken {
        if (ended != null) {
            throw broken(ended);
        }
        if (closing) {
            throw new LinkBroken("the stream was closed here", null);
        }
        CompletableFuture<BroadcastAnswer> answer = new CompletableFuture<>();
        unanswered.add(answer);
        call.sendMessage(envelope);
        return answer;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closing && ended == null) {
                closing = true;
                call.halfClose();
            }
            changed.signalAll();
            while (ended == null) {
                changed.await();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            call.cancel("interrupted while waiting for answers", null);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onReady() {
        signal();
    }

    // Callbacks come one after the other, so answers complete in the order they were sent.
    @Override
    public void onMessage(ByteString message) {
        CompletableFuture<BroadcastAnswer> first;
        lock.lock();
        try {
            first = unanswered.poll();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (first == null) {
            call.cancel("an answer came for nothing that was sent", null);
            return;
        }
        call.request(1);
        try {
            BroadcastResponse response = BroadcastResponse.parseFrom(message);
            first.complete(new BroadcastAnswer(response.getStatusValue(), response.getInfo()));
        } catch (InvalidProtocolBufferException e) {
            first.completeExceptionally(new LinkBroken("the orderer sent something that is no BroadcastResponse", e));
            call.cancel("malformed answer", e);
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        List<CompletableFuture<BroadcastAnswer>> left;
        lock.lock();
        try {
            ended = status;
            left = List.copyOf(unanswered);
            unanswered.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        left.forEach(answer -> answer.completeExceptionally(broken(status)));
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static LinkBroken broken(Status status) {
        return new LinkBroken(
                status.isOk()
                        ? "the orderer ended the stream, as it does after a refusal; open another"
                        : "the stream broke: " + Answers.text(status),
                status.getCause());
    }
}
