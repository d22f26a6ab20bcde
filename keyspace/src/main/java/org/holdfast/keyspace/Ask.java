package org.holdfast.keyspace;

import java.util.concurrent.CompletableFuture;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.Reply;

/// A client's writing request on its way through a shard.
///
/// @param bytes about what it takes in an envelope
/// @param sinceNanos when it came
/// @param reply completed once
record Ask(CommandEnvelope.Asked asked, long bytes, long sinceNanos, CompletableFuture<Reply> reply) {
    /// What protobuf adds to a word, a command, a group.
    private static final int AROUND = 16;

    static Ask of(CommandEnvelope.Asked asked, long nowNanos) {
        return new Ask(asked, sizeOf(asked.user(), asked.group()), nowNanos, new CompletableFuture<>());
    }

    private static long sizeOf(String user, Batch.Group group) {
        long bytes = AROUND + 4L * user.length();
        Batch.Once once = group.once();
        bytes += once == null ? 0 : AROUND + once.id().length;
        for (Batch.Watch watch : group.watches()) {
            bytes += watch.key().length + 2L * AROUND;
        }
        for (Command command : group.commands()) {
            bytes += AROUND;
            for (byte[] word : command.argv()) {
                bytes += word.length + (long) AROUND;
            }
        }
        return bytes;
    }
}
