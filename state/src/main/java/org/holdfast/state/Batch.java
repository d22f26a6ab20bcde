package org.holdfast.state;

import java.util.List;
import org.holdfast.env.Invariant;
import org.jspecify.annotations.Nullable;

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
    /// @param once the request's id, under which it is carried out once; null for none
    public record Group(
            List<Command> commands,
            boolean transaction,
            List<Watch> watches,
            @Nullable Once once) {
        public Group {
            commands = List.copyOf(commands);
            watches = List.copyOf(watches);
        }

        /// One command.
        public static Group of(Command command) {
            return new Group(List.of(command), false, List.of(), null);
        }

        /// MULTI ... EXEC.
        public static Group transaction(List<Command> commands, List<Watch> watches) {
            return new Group(commands, true, watches, null);
        }

        /// The same under an id.
        public Group under(@Nullable Once id) {
            return new Group(commands, transaction, watches, id);
        }
    }

    /// Who tries again, and under what name. The state answers the same request of the same user under the same id
    /// again, for a while ([ShardState#ONCE_WINDOW]), without carrying it out again.
    ///
    /// @param user the client's ACL user: ids of different users have nothing to do with each other
    /// @param id 1 to [#BYTES_MAX] bytes of the client's choice; not to be changed
    public record Once(String user, byte[] id) {
        /// Longest id, bytes.
        public static final int BYTES_MAX = 64;

        public Once {
            Invariant.check(isId(id), "a request id of %d bytes", id.length);
        }

        /// Whether it is as long as one may be.
        public static boolean isId(byte[] id) {
            return id.length > 0 && id.length <= BYTES_MAX;
        }
    }

    /// The version of a key as WATCH saw it ([ShardState#version]).
    public record Watch(byte[] key, long version) {}
}
