package org.holdfast.keyspace;

import java.util.concurrent.CompletionException;
import org.holdfast.state.Reply;
import org.holdfast.wire.Refusal;

/// What clients are told when their commands could not be carried out, or nobody knows whether they were.
public final class Fate {
    /// Stands in the text of every refusal after which an envelope may still be ordered.
    public static final String MAYBE = "may or may not";

    private static final String UNCERTAIN = "UNCERTAIN";

    private Fate() {}

    /// The failure behind a stage's.
    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /// Whether commands may be carried out although their envelope failed.
    static boolean unknown(Throwable cause) {
        return !(cause instanceof Refusal.Refused refused)
                || refused.refusal().text().contains(MAYBE);
    }

    /// The commands may or may not be carried out.
    static Reply.Failure uncertain(String why) {
        return new Reply.Failure(
                UNCERTAIN,
                "the command %s be carried out (%s): look before sending it again".formatted(MAYBE, oneLine(why)));
    }

    static boolean isUncertain(Reply reply) {
        return reply instanceof Reply.Failure failure && failure.code().equals(UNCERTAIN);
    }

    private static String oneLine(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }
}
