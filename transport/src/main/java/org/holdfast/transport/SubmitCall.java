package org.holdfast.transport;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;

/// One Submit stream at the listener: requests in the order received, replies as they come, matched by id.
final class SubmitCall extends ServerCall.Listener<SubmitRequest> {
    /// What one member may have unanswered here; its link keeps to the same bounds.
    static final int UNANSWERED_MAX = 256;

    static final long UNANSWERED_BYTES_MAX = 64L << 20;

    private final ServerCall<SubmitRequest, SubmitReply> call;
    private final ClusterService service;
    private final Peer peer;
    private final BooleanSupplier stillMember;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock.
    private int unanswered;
    private long unansweredBytes;
    private boolean asked;
    private boolean halfClosed;
    private boolean ended;

    SubmitCall(
            ServerCall<SubmitRequest, SubmitReply> call,
            ClusterService service,
            Peer peer,
            BooleanSupplier stillMember) {
        this.call = call;
        this.service = service;
        this.peer = peer;
        this.stillMember = stillMember;
    }

    /// Begins to take requests.
    SubmitCall open() {
        call.sendHeaders(new Metadata());
        askForMore();
        return this;
    }

    @Override
    public void onMessage(SubmitRequest request) {
        int bytes = request.getRecord().size();
        lock.lock();
        try {
            asked = false;
            if (ended) {
                return;
            }
            if (!stillMember.getAsBoolean()) {
                Answers.Ending ending = Answers.member(Connections.notMember(peer));
                end(ending.status(), ending.trailers());
                return;
            }
            unanswered++;
            unansweredBytes += bytes;
        } finally {
            lock.unlock();
        }
        askForMore();
        var _ = ask(request)
                .whenComplete((reply, failure) ->
                        answered(bytes, (failure == null ? reply : Answers.submit(failure)), request.getId()));
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
    }

    @Override
    public void onReady() {
        askForMore();
    }

    private CompletableFuture<SubmitReply> ask(SubmitRequest request) {
        try {
            return service.submit(request, peer);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void askForMore() {
        lock.lock();
        try {
            boolean open = !ended && !halfClosed && !asked;
            if (open && unanswered < UNANSWERED_MAX && unansweredBytes < UNANSWERED_BYTES_MAX && call.isReady()) {
                asked = true;
                call.request(1);
            }
        } finally {
            lock.unlock();
        }
    }

    private void answered(int bytes, SubmitReply reply, long id) {
        lock.lock();
        try {
            unanswered--;
            unansweredBytes -= bytes;
            if (!ended) {
                call.sendMessage(
                        reply.getId() == id
                                ? reply
                                : reply.toBuilder().setId(id).build());
            }
            endIfDone();
        } finally {
            lock.unlock();
        }
        askForMore();
    }

    private void endIfDone() {
        if (halfClosed && !ended && unanswered == 0) {
            end(Status.OK, new Metadata());
        }
    }

    private void end(Status status, Metadata trailers) {
        ended = true;
        call.close(status, trailers);
    }
}
