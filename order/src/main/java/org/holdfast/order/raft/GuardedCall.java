package org.holdfast.order.raft;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.holdfast.env.DiskFault;
import org.jspecify.annotations.Nullable;

/// The answering half of a peer's call. It may be ended from outside while Ratis answers on threads of its own; gRPC
/// calls are not made for that, so one lock orders the two and what Ratis sends afterwards is dropped.
final class GuardedCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
    private final String seat;
    private final VoteBarrier barrier;
    private final Consumer<GuardedCall<Q, R>> onEnd;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;
    private volatile boolean refused;
    private volatile PeerGuard.@Nullable Sent sent;
    private volatile @Nullable RaftRpcRequestProto vote;

    /// @param seat seat of the certificate the connection was made with
    /// @param onEnd called once or more when the call has ended
    GuardedCall(ServerCall<Q, R> call, String seat, VoteBarrier barrier, Consumer<GuardedCall<Q, R>> onEnd) {
        super(call);
        this.seat = seat;
        this.barrier = barrier;
        this.onEnd = onEnd;
    }

    String seat() {
        return seat;
    }

    /// Its last message; empty before the first. A call is about one group.
    Optional<PeerGuard.Sent> sent() {
        return Optional.ofNullable(sent);
    }

    void sent(PeerGuard.Sent message) {
        sent = message;
    }

    /// The answer to this message is a vote, no rehearsal of one.
    void asksForVote(RaftRpcRequestProto request) {
        vote = request;
    }

    boolean isRefused() {
        return refused;
    }

    /// Ends the call; nothing more is taken in or sent.
    void refuse(Status status) {
        refused = true;
        close(status, new Metadata());
    }

    void ended() {
        onEnd.accept(this);
    }

    @Override
    public void sendHeaders(Metadata headers) {
        lock.lock();
        try {
            if (!closed) {
                super.sendHeaders(headers);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void sendMessage(R message) {
        RaftRpcRequestProto asked = vote;
        if (asked != null
                && message instanceof RequestVoteReplyProto reply
                && reply.getServerReply().getSuccess()) {
            try {
                barrier.sync(asked);
            } catch (DiskFault fault) {
                refuse(Status.UNAVAILABLE.withDescription(fault.getMessage()));
                return;
            }
        }
        lock.lock();
        try {
            if (!closed) {
                super.sendMessage(message);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close(Status status, Metadata trailers) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            super.close(status, trailers);
        } finally {
            lock.unlock();
        }
        ended();
    }
}
