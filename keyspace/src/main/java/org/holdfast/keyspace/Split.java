package org.holdfast.keyspace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.holdfast.env.Invariant;
import org.holdfast.state.Command;
import org.holdfast.state.CommandTable;
import org.holdfast.state.Parsed;
import org.holdfast.state.Reply;
import org.holdfast.state.redis.Request;
import org.holdfast.wire.Decode;

/// Commands that mean the same when each shard does its part: their keys may lie in several. Each part is atomic, the
/// whole is not.
final class Split {
    private static final String MGET = "mget";
    private static final Set<String> SUMS = Set.of("del", "unlink", "exists", "touch");

    private Split() {}

    static boolean may(Parsed.Ready ready) {
        return ready.spec().name().equals(MGET) || SUMS.contains(ready.spec().name());
    }

    static CompletableFuture<Reply> run(Router router, Request request, Parsed.Ready ready) {
        List<byte[]> keys = ready.keys();
        Map<Shard, List<Integer>> places = router.places(keys);
        if (places.size() == 1) {
            return ShardBackend.single(places.keySet().iterator().next(), request, ready);
        }
        List<CompletableFuture<Reply>> parts = new ArrayList<>();
        places.forEach((shard, at) -> parts.add(ShardBackend.single(shard, request, part(ready, keys, at))));
        return joined(parts, ready.writes()).thenApply(reply -> {
            if (reply instanceof Reply.Failure) {
                return reply;
            }
            return ready.spec().name().equals(MGET)
                    ? inOrder(List.copyOf(places.values()), parts, keys.size())
                    : Reply.of(parts.stream().mapToLong(Split::whole).sum());
        });
    }

    private static Parsed.Ready part(Parsed.Ready ready, List<byte[]> keys, List<Integer> at) {
        List<byte[]> words = new ArrayList<>();
        words.add(ready.command().argv().getFirst());
        at.forEach(i -> words.add(keys.get(i)));
        if (CommandTable.parse(new Command(words)) instanceof Parsed.Ready part) {
            return part;
        }
        throw Invariant.broken("a part of '%s' is no command", ready.spec().name());
    }

    private static long whole(CompletableFuture<Reply> part) {
        return part.join() instanceof Reply.Whole whole ? whole.value() : 0;
    }

    private static Reply inOrder(List<List<Integer>> places, List<CompletableFuture<Reply>> parts, int count) {
        Reply[] values = new Reply[count];
        Arrays.fill(values, Reply.NIL);
        for (int part = 0; part < places.size(); part++) {
            if (parts.get(part).join() instanceof Reply.Listing listing) {
                for (int i = 0; i < listing.items().size(); i++) {
                    values[places.get(part).get(i)] = listing.items().get(i);
                }
            }
        }
        return new Reply.Listing(List.of(values));
    }

    /// Waits for all parts.
    ///
    /// @return OK, or the first failure; of writes of which some were done and some not, that the outcome is unknown
    static CompletableFuture<Reply> joined(List<CompletableFuture<Reply>> parts, boolean writes) {
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new)).handle((_, failure) -> {
            if (failure != null && writes && parts.stream().anyMatch(part -> !part.isCompletedExceptionally())) {
                return Fate.uncertain(
                        "some shards did their part, and another did not: " + Decode.reason(Decode.cause(failure)));
            }
            return parts.stream()
                    .map(CompletableFuture::join)
                    .filter(Reply.Failure.class::isInstance)
                    .findFirst()
                    .orElse(Reply.OK);
        });
    }
}
