package org.holdfast.state.redis;

import java.util.List;
import org.holdfast.state.Batch;
import org.holdfast.state.Batch.Once;
import org.holdfast.state.Command;
import org.jspecify.annotations.Nullable;

/// What a client wants done: one command, or a transaction of several.
///
/// @param origin who asks
/// @param commands as the client sent them, keys as it names them (see [Origin#keys]); their number of words is right,
///     and the user may do all of it
/// @param transaction whether it was MULTI ... EXEC; the answer is then a listing of as many replies, or
///     [org.holdfast.state.Reply#NIL_LISTING] when a watched key has changed
/// @param watches what WATCH saw; only with a transaction
/// @param consistency how fresh a reading request's answer has to be
/// @param once under which id it is to be carried out once; null for none
public record Request(
        Origin origin,
        List<Command> commands,
        boolean transaction,
        List<Batch.Watch> watches,
        Consistency consistency,
        @Nullable Once once) {
    public Request {
        commands = List.copyOf(commands);
        watches = List.copyOf(watches);
    }

    /// A request without an id.
    public static Request of(Origin origin, List<Command> commands, Consistency consistency) {
        return new Request(origin, commands, false, List.of(), consistency, null);
    }

    /// How fresh the answer of a read has to be.
    public enum Consistency {
        /// It sees every write acknowledged before it was asked, by whichever node.
        LINEARIZABLE,
        /// It may come from this node's state as it is.
        STALE
    }

    /// Who asks.
    ///
    /// @param session the connection's number, never used twice while the process runs
    /// @param user the ACL user's name
    /// @param keys what the client's keys are called in full
    public record Origin(long session, String user, KeyMapping keys) {}
}
