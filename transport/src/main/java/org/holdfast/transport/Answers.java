package org.holdfast.transport;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Arrays;
import java.util.Optional;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.SubmitReply;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Failures of services as clients and members see them, and back.
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    /// Beside a gRPC status between members: the refusal's code by its number.
    private static final Metadata.Key<String> REFUSAL =
            Metadata.Key.of("holdfast-refusal", Metadata.ASCII_STRING_MARSHALLER);

    private static final String BUG = "internal error, see the node's log";

    private Answers() {}

    /// What a Fabric client is told about a failure.
    static BroadcastAnswer broadcast(Throwable failure) {
        return refusal(failure)
                .map(refusal -> new BroadcastAnswer(refusal.code().status(), refusal.toString()))
                .orElseGet(() -> {
                    LOG.error("a service failed", failure);
                    return new BroadcastAnswer(BroadcastAnswer.INTERNAL_ERROR, BUG);
                });
    }

    /// What a member is told about a record that failed. After a bug nobody knows whether the record was
    /// appended.
    static SubmitReply submit(Throwable failure) {
        return refusal(failure)
                .map(refusal -> SubmitReply.newBuilder()
                        .setOutcome(SubmitReply.Outcome.REFUSED)
                        .setCode(refusal.code().number())
                        .setText(refusal.text())
                        .build())
                .orElseGet(() -> {
                    LOG.error("a service failed", failure);
                    return SubmitReply.newBuilder()
                            .setOutcome(SubmitReply.Outcome.AMBIGUOUS)
                            .setText(BUG)
                            .build();
                });
    }

    /// How a call between members ends after a failure.
    static Ending member(Throwable failure) {
        return refusal(failure).map(Answers::member).orElseGet(() -> {
            LOG.error("a service failed", failure);
            return new Ending(Status.INTERNAL.withDescription(BUG), new Metadata());
        });
    }

    static Ending member(Refusal refusal) {
        Metadata trailers = new Metadata();
        trailers.put(REFUSAL, refusal.code().number());
        return new Ending(Status.FAILED_PRECONDITION.withDescription(refusal.text()), trailers);
    }

    /// The refusal a call ended with, if it was one.
    static Optional<Refusal> refusal(Status status, @Nullable Metadata trailers) {
        String number = trailers == null ? null : trailers.get(REFUSAL);
        if (number == null) {
            return Optional.empty();
        }
        String text = status.getDescription() == null ? "" : status.getDescription();
        return Arrays.stream(Code.values())
                .filter(code -> code.number().equals(number))
                .findFirst()
                .map(code -> new Refusal(code, text));
    }

    /// The refusal a blocking call ended with, if it was one.
    static Optional<Refusal> refusal(StatusRuntimeException e) {
        return refusal(e.getStatus(), e.getTrailers());
    }

    /// A status for a log line or an exception: with the innermost cause, which names the address or the TLS
    /// fault.
    static String text(Status status) {
        Throwable cause = status.getCause();
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String text = status.getCode() + (status.getDescription() == null ? "" : " " + status.getDescription());
        return cause == null || cause.getMessage() == null ? text : text + " (" + cause.getMessage() + ")";
    }

    private static Optional<Refusal> refusal(Throwable failure) {
        return Decode.cause(failure) instanceof Refusal.Refused refused
                ? Optional.of(refused.refusal())
                : Optional.empty();
    }

    /// Status and trailers of an ended call.
    record Ending(Status status, Metadata trailers) {}
}
