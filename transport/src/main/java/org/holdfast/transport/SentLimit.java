package org.holdfast.transport;

import com.google.protobuf.ByteString;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;

/// Ends a call that would send a message beyond the limit, with the status Go's servers end it with. gRPC for Java
/// knows a limit for what is received only.
final class SentLimit implements ServerInterceptor {
    private final int bytes;

    SentLimit(int bytes) {
        this.bytes = bytes;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return next.startCall(new Limited<>(call), headers);
    }

    private final class Limited<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final AtomicBoolean ended = new AtomicBoolean();

        Limited(ServerCall<Q, A> call) {
            super(call);
        }

        @Override
        public void sendMessage(A message) {
            if (message instanceof ByteString sent && sent.size() > bytes) {
                close(
                        Status.RESOURCE_EXHAUSTED.withDescription(
                                "trying to send message larger than max (%d vs. %d): raise General.MaxSendMsgSize"
                                        .formatted(sent.size(), bytes)),
                        new Metadata());
            } else if (!ended.get()) {
                super.sendMessage(message);
            }
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (ended.compareAndSet(false, true)) {
                super.close(status, trailers);
            }
        }
    }
}
