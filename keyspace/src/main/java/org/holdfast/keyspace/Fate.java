package org.holdfast.keyspace;

import org.holdfast.state.Reply;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;

/// What clients are told when their commands could not be carried out, or nobody knows whether they were.
final class Fate {
    private static final String UNCERTAIN = "UNCERTAIN";

    private Fate() {}

    /// Whether commands may be carried out although their envelope failed.
    static boolean unknown(Throwable cause) {
        return !(cause instanceof Refusal.Refused refused) || refused.refusal().code() == Code.OUTCOME_UNKNOWN;
    }

    /// The commands may or may not be carried out.
    static Reply.Failure uncertain(String why) {
        return new Reply.Failure(
                UNCERTAIN,
                ("the command may or may not be carried out (%s): look before sending it again, or"
                                + " send it under its id (ONCE)")
                        .formatted(oneLine(why)));
    }

    static boolean isUncertain(Reply reply) {
        return reply instanceof Reply.Failure failure && failure.code().equals(UNCERTAIN);
    }

    private static String oneLine(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }
}
