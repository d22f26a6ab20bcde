package org.holdfast.keyspace;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.holdfast.env.Clock;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.CommandTable;
import org.holdfast.state.Reply;

/// What a shard counts for its operators. Any thread; applied commands are counted on the shard's loop.
final class ShardCounts {
    final Bins applied = new Bins();
    final Bins answered = new Bins();
    final HotKeys hot = new HotKeys();
    private final Clock clock;

    ShardCounts(Clock clock) {
        this.clock = clock;
    }

    /// Counts a request of this node's clients, from now to its reply.
    CompletableFuture<Reply> answering(Batch.Group group, CompletableFuture<Reply> reply) {
        long since = clock.nanos();
        long bytes = group.commands().stream().mapToLong(ShardCounts::wireBytes).sum();
        CompletableFuture<Reply> _ = reply.whenComplete((_, _) -> answered.count(bytes, clock.nanos() - since));
        return reply;
    }

    /// Counts the commands of a block that was applied.
    ///
    /// @param nanos how long that took
    void applied(List<Batch.Group> groups, long nanos) {
        for (Batch.Group group : groups) {
            for (Command command : group.commands()) {
                CommandSpec spec = CommandTable.find(command);
                if (spec != null && spec.writes()) {
                    applied.count(wireBytes(command), nanos);
                }
            }
        }
        hot.count(groups);
    }

    /// How long a command is as a client sends it: an array of bulk strings, `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`.
    static long wireBytes(Command command) {
        long bytes = 3L + digits(command.argv().size());
        for (byte[] word : command.argv()) {
            bytes += 5L + digits(word.length) + word.length;
        }
        return bytes;
    }

    private static int digits(int number) {
        int digits = 1;
        for (int rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        return digits;
    }
}
