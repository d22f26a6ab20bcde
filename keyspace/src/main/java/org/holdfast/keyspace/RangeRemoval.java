package org.holdfast.keyspace;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.env.Clock;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.CommandTable;
import org.holdfast.state.Parsed;
import org.holdfast.state.RangeDeletes;
import org.holdfast.state.Reply;
import org.holdfast.wire.Decode;
import org.jspecify.annotations.Nullable;

/// Removes keys within bounds from all shards of a keyspace, or counts them: round after round, each a command that
/// goes through so many keys that its block is applied soon, until there are no more or the time is up. One shard
/// after the other; clients' commands go on in between. Used by one thread, which waits.
final class RangeRemoval {
    /// As whom the commands stand in the blocks.
    static final String USER = "operations";

    /// How long a round may take.
    private static final long ROUND_SECONDS = 3;

    private final Removal removal;
    private final Clock clock;
    private final long untilNanos;
    private long keys;

    RangeRemoval(Removal removal, Clock clock, long untilNanos) {
        this.removal = removal;
        this.clock = clock;
        this.untilNanos = untilNanos;
    }

    /// What one round came to.
    ///
    /// @param next the key to go on at
    private record Round(long count, boolean more, byte[] next) {}

    Removal.Done run(List<Shard> shards) throws InterruptedException {
        for (Shard shard : shards) {
            byte[] from = removal.from();
            boolean more = true;
            while (more) {
                if (clock.nanos() - untilNanos >= 0) {
                    return new Removal.Done(keys, false, Optional.empty());
                }
                Reply reply;
                try {
                    reply = ask(shard, from).get(ROUND_SECONDS, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    return ended(Decode.reason(e.getCause() == null ? e : e.getCause()));
                } catch (TimeoutException e) {
                    return ended("no answer within %d s; what was sent may still be done".formatted(ROUND_SECONDS));
                }
                Round round = round(reply);
                if (round == null) {
                    return ended(reply instanceof Reply.Failure failure ? failure.line() : "an unknown answer");
                }
                keys += round.count();
                more = round.more();
                from = round.next();
            }
        }
        return new Removal.Done(keys, true, Optional.empty());
    }

    private Removal.Done ended(String why) {
        return new Removal.Done(keys, false, Optional.of(why));
    }

    private static @Nullable Round round(Reply reply) {
        return reply instanceof Reply.Listing listing
                        && listing.items().get(0) instanceof Reply.Whole count
                        && listing.items().get(1) instanceof Reply.Whole more
                        && listing.items().get(2) instanceof Reply.Bulk next
                ? new Round(count.value(), more.value() > 0, next.bytes())
                : null;
    }

    private CompletableFuture<Reply> ask(Shard shard, byte[] from) {
        String name = removal.dry() ? "table.countrange" : "table.delrange";
        int most = removal.dry() ? RangeDeletes.COUNTED_MAX : RangeDeletes.REMOVED_MAX;
        Command command = new Command(List.of(
                ascii(name),
                ascii(removal.keyspace() + ":" + removal.table() + ":"),
                from,
                removal.to(),
                ascii(Integer.toString(most))));
        return switch (CommandTable.parse(command)) {
            case Parsed.Wrong wrong -> CompletableFuture.completedFuture(wrong.reply());
            case Parsed.Ready ready ->
                ready.writes() ? shard.write(USER, Batch.Group.of(command)) : shard.read(0, ready, false);
        };
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
