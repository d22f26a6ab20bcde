package org.holdfast.transport;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.hyperledger.fabric.protos.orderer.BroadcastResponse;
import org.jspecify.annotations.Nullable;

/// One Broadcast stream at the listener. Envelopes are handed on one after the other, answers leave in the same
/// order, and the first answer that is not SUCCESS is the last (Fabric ends the stream there, with gRPC status
/// OK). A message that is no Envelope gets no answer: behind the answers before it the call ends with INTERNAL, for
/// one that is too large with RESOURCE_EXHAUSTED.
///
/// Envelopes behind a refused one may have been handed on before it was refused: they get no answer, and a client must
/// not conclude that they were not ordered.
///
/// The next message is asked for only while the window, the budget of all streams and the client's reading allow
/// it: a client that sends and never reads its answers stops itself.
final class BroadcastCall extends ServerCall.Listener<ByteString> {
    private static final ByteString SUCCESS = BroadcastResponse.newBuilder()
            .setStatus(org.hyperledger.fabric.protos.common.Status.SUCCESS)
            .build()
            .toByteString();

    private final ServerCall<ByteString, ByteString> call;
    private final BroadcastService service;
    private final Peer peer;
    private final ListenerSettings.Limits limits;
    private final ByteBudget budget;
    private final Runnable wake = this::askForMore;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock.
    private final Deque<Slot> unanswered = new ArrayDeque<>();
    private long unansweredBytes;
    private boolean asked;
    private boolean halfClosed;
    private boolean deaf;
    private boolean ended;

    BroadcastCall(
            ServerCall<ByteString, ByteString> call,
            BroadcastService service,
            Peer peer,
            ListenerSettings.Limits limits,
            ByteBudget budget) {
        this.call = call;
        this.service = service;
        this.peer = peer;
        this.limits = limits;
        this.budget = budget;
    }

    private static final class Slot {
        private final int bytes;
        private @Nullable BroadcastAnswer answer;
        private @Nullable Status ending;

        Slot(int bytes) {
            this.bytes = bytes;
        }
    }

    /// Begins to take envelopes.
    BroadcastCall open() {
        call.sendHeaders(new Metadata());
        askForMore();
        return this;
    }

    @Override
    public void onMessage(ByteString envelope) {
        Slot slot = new Slot(envelope.size());
        lock.lock();
        try {
            asked = false;
            if (ended) {
                return;
            }
            unanswered.add(slot);
            unansweredBytes += slot.bytes;
            budget.take(slot.bytes);
        } finally {
            lock.unlock();
        }
        Status noEnvelope = Marshallers.envelopeFault(envelope, limits.messageBytes());
        if (noEnvelope != null) {
            broken(slot, noEnvelope);
            budget.give(slot.bytes);
            return;
        }
        askForMore();
        var _ = ask(envelope).whenComplete((answer, failure) -> {
            answered(slot, failure == null ? answer : Answers.broadcast(failure));
            budget.give(slot.bytes);
        });
    }

    @Override
    public void onHalfClose() {
        lock.lock();
        try {
            halfClosed = true;
            endIfDone();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onCancel() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
        budget.forget(wake);
    }

    @Override
    public void onReady() {
        askForMore();
    }

    private CompletableFuture<BroadcastAnswer> ask(ByteString envelope) {
        try {
            return service.broadcast(envelope, peer);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void askForMore() {
        lock.lock();
        try {
            boolean open = !ended && !halfClosed && !deaf && !asked;
            ListenerSettings.Window window = limits.window();
            boolean room = unanswered.size() < window.messages() && unansweredBytes < window.bytes();
            if (open && room && call.isReady() && budget.admits(wake)) {
                asked = true;
                call.request(1);
            }
        } finally {
            lock.unlock();
        }
    }

    private void answered(Slot slot, BroadcastAnswer answer) {
        lock.lock();
        try {
            slot.answer = answer;
            sendAnswersInOrder();
            endIfDone();
        } finally {
            lock.unlock();
        }
        askForMore();
    }

    /// Nothing is read behind such a message.
    private void broken(Slot slot, Status fault) {
        lock.lock();
        try {
            slot.ending = fault;
            deaf = true;
            sendAnswersInOrder();
        } finally {
            lock.unlock();
        }
    }

    private void sendAnswersInOrder() {
        Slot head = unanswered.peek();
        while (head != null && (head.answer != null || head.ending != null)) {
            unanswered.remove();
            unansweredBytes -= head.bytes;
            if (!ended && head.ending != null) {
                end(head.ending);
            } else if (!ended && head.answer != null) {
                call.sendMessage(encoded(head.answer));
                if (!head.answer.isSuccess()) {
                    end(Status.OK);
                }
            }
            head = unanswered.peek();
        }
    }

    private void endIfDone() {
        if (halfClosed && !ended && unanswered.isEmpty()) {
            end(Status.OK);
        }
    }

    private void end(Status status) {
        ended = true;
        budget.forget(wake);
        call.close(status, new Metadata());
    }

    private static ByteString encoded(BroadcastAnswer answer) {
        if (answer.equals(BroadcastAnswer.OK)) {
            return SUCCESS;
        }
        return BroadcastResponse.newBuilder()
                .setStatusValue(answer.status())
                .setInfo(answer.info())
                .build()
                .toByteString();
    }
}
