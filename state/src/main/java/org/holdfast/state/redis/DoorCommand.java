package org.holdfast.state.redis;

import org.holdfast.state.Command;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// A command the door answers by itself, on the session's event loop.
@FunctionalInterface
interface DoorCommand {
    /// @param command with a right number of words
    /// @return the reply; null when there is none, or it comes later
    @Nullable
    Reply run(Session session, Command command);
}
