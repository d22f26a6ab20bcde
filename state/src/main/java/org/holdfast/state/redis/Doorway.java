package org.holdfast.state.redis;

import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.env.World;

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
        AtomicLong unanswered) {
    long nanos() {
        return world.clock().nanos();
    }
}
