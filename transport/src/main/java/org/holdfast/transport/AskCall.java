package org.holdfast.transport;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import org.holdfast.wire.proto.Answer;
import org.holdfast.wire.proto.Question;
import org.jspecify.annotations.Nullable;

/// One question of a member at the listener. gRPC's callbacks come one at a time; the answer comes on any thread.
final class AskCall extends ServerCall.Listener<Question> {
    private final ServerCall<Question, Answer> call;
    private final ClusterService service;
    private final Peer peer;
    private @Nullable Question question;

    AskCall(ServerCall<Question, Answer> call, ClusterService service, Peer peer) {
        this.call = call;
        this.service = service;
        this.peer = peer;
    }

    @Override
    public void onMessage(Question message) {
        question = message;
    }

    @Override
    public void onHalfClose() {
        Question asked = question;
        if (asked == null) {
            call.close(Status.INVALID_ARGUMENT.withDescription("no question came"), new Metadata());
            return;
        }
        CompletableFuture<?> _ = ask(asked).whenComplete((answer, failure) -> {
            if (failure != null) {
                Answers.Ending ending = Answers.member(failure);
                call.close(ending.status(), ending.trailers());
                return;
            }
            call.sendHeaders(new Metadata());
            call.sendMessage(answer);
            call.close(Status.OK, new Metadata());
        });
    }

    private CompletableFuture<Answer> ask(Question asked) {
        try {
            return service.ask(asked, peer);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
