package org.holdfast.order.raft;

import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The incoming half of a peer's call: asks the guard about each message. After the first objection nothing more is
/// taken in. Called by gRPC, one call at a time.
final class GuardedListener<Q> extends SimpleForwardingServerCallListener<Q> {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedListener.class);

    private final GuardedCall<Q, ?> call;
    private final PeerGuard guard;

    GuardedListener(ServerCall.Listener<Q> ratis, GuardedCall<Q, ?> call, PeerGuard guard) {
        super(ratis);
        this.call = call;
        this.guard = guard;
    }

    @Override
    public void onMessage(Q message) {
        if (call.isRefused()) {
            return;
        }
        RaftRpcRequestProto envelope = PeerGuard.envelope(message);
        Optional<String> objection = envelope == null
                ? Optional.of("unknown message " + message.getClass().getSimpleName())
                : guard.objection(envelope, call.seat());
        if (objection.isPresent() || envelope == null) {
            String text = objection.orElse("no envelope");
            LOG.warn("refused {}: {}", call.getMethodDescriptor().getFullMethodName(), text);
            call.refuse(Status.PERMISSION_DENIED.withDescription(text));
            return;
        }
        if (!guard.hasStarted(envelope)) {
            // Whoever sends it tries again.
            call.refuse(Status.UNAVAILABLE.withDescription("the group has not started here"));
            return;
        }
        call.sent(PeerGuard.Sent.of(envelope));
        if (message instanceof RequestVoteRequestProto vote && !vote.getPreVote()) {
            call.asksForVote(envelope);
        }
        super.onMessage(message);
    }

    @Override
    public void onHalfClose() {
        if (!call.isRefused()) {
            super.onHalfClose();
        }
    }

    @Override
    public void onCancel() {
        call.ended();
        super.onCancel();
    }

    @Override
    public void onComplete() {
        call.ended();
        super.onComplete();
    }
}
