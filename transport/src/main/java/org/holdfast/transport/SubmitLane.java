package org.holdfast.transport;

import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;
import org.jspecify.annotations.Nullable;

/// One Submit stream at the link: what was sent on it and is not answered. When the stream ends, all of that is
/// answered here.
final class SubmitLane extends ClientCall.Listener<SubmitReply> {
    private final Ended ended;
    private final Runnable answeredOnce;
    private final SentProbe probe = new SentProbe();
    private final ManagedChannel channel;
    private final ClientCall<SubmitRequest, SubmitReply> call;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock.
    private final Map<Long, Waiting> waiting = new HashMap<>();
    private long lastId;
    private long waitingBytes;
    private @Nullable SubmitReply closing;
    private boolean streamTaken;

    /// @param answeredOnce run when the member has answered something: the connection works
    SubmitLane(ManagedChannel channel, Ended ended, Runnable answeredOnce) {
        this.channel = channel;
        this.call = channel.newCall(Methods.SUBMIT, probe.options());
        this.ended = ended;
        this.answeredOnce = answeredOnce;
    }

    /// Told when the stream has ended.
    interface Ended {
        void ended(SubmitLane lane, ManagedChannel channel, Status status);
    }

    private record Waiting(CompletableFuture<SubmitReply> reply, int bytes) {}

    /// Called once, before anything else.
    SubmitLane start() {
        call.start(this, new Metadata());
        call.request(SubmitCall.UNANSWERED_MAX);
        return this;
    }

    CompletableFuture<SubmitReply> submit(SubmitRequest request) {
        int bytes = request.getRecord().size();
        CompletableFuture<SubmitReply> reply = new CompletableFuture<>();
        lock.lock();
        try {
            if (closing != null) {
                // Nothing of this request was sent, whatever became of the others.
                reply.complete(notSent(closing.getText()));
                return reply;
            }
            boolean room = waiting.isEmpty()
                    || (waiting.size() < SubmitCall.UNANSWERED_MAX
                            && waitingBytes + bytes <= SubmitCall.UNANSWERED_BYTES_MAX);
            if (!room) {
                reply.complete(refused(Refusal.of(
                        Code.OVERLOADED, "%d records wait for the leader's node; try again", waiting.size())));
                return reply;
            }
            long id = ++lastId;
            waiting.put(id, new Waiting(reply, bytes));
            waitingBytes += bytes;
            call.sendMessage(request.toBuilder().setId(id).build());
        } finally {
            lock.unlock();
        }
        return reply;
    }

    // Comes with the stream's acceptance, not with its refusal. Callbacks of a call come one after the other.
    @Override
    public void onHeaders(Metadata headers) {
        streamTaken = true;
    }

    @Override
    public void onMessage(SubmitReply reply) {
        Waiting answered;
        lock.lock();
        try {
            answered = waiting.remove(reply.getId());
            if (answered != null) {
                waitingBytes -= answered.bytes();
                call.request(1);
            }
        } finally {
            lock.unlock();
        }
        answeredOnce.run();
        if (answered == null) {
            call.cancel("a reply came for nothing that was asked", null);
        } else {
            answered.reply().complete(reply);
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        List<Waiting> left;
        SubmitReply outcome = closing(status, trailers);
        lock.lock();
        try {
            closing = outcome;
            left = List.copyOf(waiting.values());
            waiting.clear();
            waitingBytes = 0;
        } finally {
            lock.unlock();
        }
        ended.ended(this, channel, status);
        left.forEach(unanswered -> unanswered.reply().complete(outcome));
    }

    static SubmitReply notSent(String text) {
        return SubmitReply.newBuilder()
                .setOutcome(SubmitReply.Outcome.NOT_LEADER)
                .setText(text)
                .build();
    }

    private SubmitReply closing(Status status, @Nullable Metadata trailers) {
        Optional<Refusal> refusal = Answers.refusal(status, trailers);
        String text = "the stream to the leader's node broke: " + Answers.text(status);
        if (!probe.maybeSent()) {
            return notSent(text);
        }
        // A stream is refused before its first request is taken, or later because the seat was lost in between; then
        // earlier requests may be in the log.
        if (refusal.isPresent() && !streamTaken) {
            return refused(refusal.get());
        }
        return SubmitReply.newBuilder()
                .setOutcome(SubmitReply.Outcome.AMBIGUOUS)
                .setText(text)
                .build();
    }

    private static SubmitReply refused(Refusal refusal) {
        return SubmitReply.newBuilder()
                .setOutcome(SubmitReply.Outcome.REFUSED)
                .setCode(refusal.code().number())
                .setText(refusal.text())
                .build();
    }
}
