package org.holdfast.transport;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.Answer;
import org.jspecify.annotations.Nullable;

/// One question at the link, until its answer or its end. gRPC calls it on one thread at a time.
final class Asking extends ClientCall.Listener<Answer> {
    private final CompletableFuture<Answer> answer;
    private final Target target;
    private final Consumer<Status> ended;
    private @Nullable Answer message;

    /// @param ended told how the call ended, before the answer is given
    Asking(CompletableFuture<Answer> answer, Target target, Consumer<Status> ended) {
        this.answer = answer;
        this.target = target;
        this.ended = ended;
    }

    @Override
    public void onMessage(Answer received) {
        message = received;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        ended.accept(status);
        Answer received = message;
        if (status.isOk() && received != null) {
            answer.complete(received);
            return;
        }
        Optional<Refusal> refusal = Answers.refusal(status, trailers);
        answer.completeExceptionally(
                refusal.isPresent()
                        ? refusal.get().asException()
                        : new LinkBroken("no answer from %s: %s".formatted(target, Answers.text(status)), null));
    }
}
