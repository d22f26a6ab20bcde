package org.holdfast.state;

import java.util.List;

/// The commands of one block, in order, with all that applying them may depend on.
///
/// @param block the block's number: the place of the cursor afterwards
/// @param timeMillis the record's time, milliseconds since the Unix epoch; the only clock of what is applied
/// @param seed bytes agreed with the record (its hash, say); the only source of chance of what is applied
/// @param groups what is applied each as a whole
public record Batch(long block, long timeMillis, byte[] seed, List<Group> groups) {
    public Batch {
        groups = List.copyOf(groups);
    }

    /// A command, or a transaction of several.
    ///
    /// @param transaction whether it was MULTI ... EXEC: answered by one list
    /// @param watches versions seen by WATCH; when one of them is not the same any more, nothing is applied
    public record Group(List<Command> commands, boolean transaction, List<Watch> watches) {
        public Group {
            commands = List.copyOf(commands);
            watches = List.copyOf(watches);
        }

        /// One command.
        public static Group of(Command command) {
            return new Group(List.of(command), false, List.of());
        }

        /// MULTI ... EXEC.
        public static Group transaction(List<Command> commands, List<Watch> watches) {
            return new Group(commands, true, watches);
        }
    }

    /// The version of a key as WATCH saw it ([ShardState#version]).
    public record Watch(byte[] key, long version) {}
}
