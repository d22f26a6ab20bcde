package org.holdfast.state.redis;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.env.World;
import org.holdfast.state.Command;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// What all sessions of a door share.
///
/// @param unanswered bytes of requests that wait for the backend, of all clients
record Doorway(
        World world,
        DoorSettings settings,
        Tuning tuning,
        Acl acl,
        Directory directory,
        Backend backend,
        Sessions sessions,
        Waits waits,
        SlowLog slowLog,
        DoorFigures figures,
        CommandFigures calls,
        AtomicLong unanswered) {
    /// A command has been answered: it is counted, and kept in the slow log if it took long.
    ///
    /// @param spec null when nobody knows it
    void answered(@Nullable CommandSpec spec, Command command, Reply reply, long beganNanos, Client client) {
        if (spec == null) {
            return;
        }
        long micros = TimeUnit.NANOSECONDS.toMicros(nanos() - beganNanos);
        calls.called(spec, micros, reply);
        slowLog.note(command, micros, client, world.clock());
    }

    long nanos() {
        return world.clock().nanos();
    }
}
