package org.holdfast.keyspace;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.holdfast.env.Clock;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.CommandTable;
import org.holdfast.state.Parsed;
import org.holdfast.state.Reply;
import org.holdfast.state.redis.Backend;
import org.holdfast.state.redis.KeyMapping;
import org.holdfast.state.redis.Request;

/// Takes the requests of Redis doors to the shards.
///
/// Requests of a session that are in flight together keep their order within a shard; between shards there is none.
final class ShardBackend implements Backend {
    private final Keyspaces keyspaces;

    ShardBackend(Keyspaces keyspaces) {
        this.keyspaces = keyspaces;
    }

    @Override
    public CompletionStage<Reply> execute(Request request) {
        Router router = new Router(keyspaces.byName());
        try {
            return request.transaction()
                    ? new Transaction(router, request).run()
                    : one(router, request, request.commands().getFirst());
        } catch (Unroutable e) {
            return CompletableFuture.completedStage(e.reply());
        }
    }

    private CompletionStage<Reply> one(Router router, Request request, Command sent) {
        KeyMapping mapping = request.origin().keys();
        return switch (CommandTable.parse(Keyless.meant(mapping, sent))) {
            case Parsed.Wrong wrong -> CompletableFuture.completedStage(wrong.reply());
            case Parsed.Ready ready -> {
                CompletableFuture<Reply> reply = timed(ready, () -> routed(router, request, ready));
                yield mapping.isPlain() ? reply.thenApply(full -> mapping.bare(sent, full)) : reply;
            }
        };
    }

    /// Measures scans.
    private CompletableFuture<Reply> timed(Parsed.Ready ready, Supplier<CompletableFuture<Reply>> work) {
        if (!ready.spec().name().endsWith("scan")) {
            return work.get();
        }
        Clock clock = keyspaces.clock();
        long since = clock.nanos();
        return work.get().whenComplete((_, _) -> keyspaces.scans().count(clock.nanos() - since));
    }

    private static CompletableFuture<Reply> routed(Router router, Request request, Parsed.Ready ready) {
        router.checkLookUps(ready);
        List<byte[]> keys = ready.keys();
        if (Keyless.is(ready)) {
            return new Keyless(router, request).run(ready);
        }
        if (keys.size() == 1) {
            return single(router.shard(keys.getFirst()), request, ready);
        }
        if (Split.may(ready)) {
            return Split.run(router, request, ready);
        }
        return single(router.only(keys), request, ready);
    }

    /// Has one shard answer. What has an id is committed also where it only reads, so that it is answered once.
    static CompletableFuture<Reply> single(Shard shard, Request request, Parsed.Ready ready) {
        return ready.writes() || request.once() != null
                ? shard.write(
                        request.origin().user(), Batch.Group.of(ready.command()).under(request.once()))
                : shard.read(request.origin().session(), ready, request.consistency() == Request.Consistency.STALE);
    }

    @Override
    public CompletionStage<List<Batch.Watch>> watch(Request.Origin origin, List<byte[]> keys) {
        Router router = new Router(keyspaces.byName());
        List<CompletableFuture<Batch.Watch>> versions = new ArrayList<>();
        try {
            for (byte[] key : keys) {
                byte[] full = origin.keys().full(key);
                versions.add(router.shard(full)
                        .look(
                                origin.session(),
                                false,
                                (state, time) -> new Batch.Watch(full, state.version(full, time))));
            }
        } catch (Unroutable e) {
            // A watch has no reply of its own that could say no: the first command on the key says why.
            return CompletableFuture.completedStage(keys.stream()
                    .map(key -> new Batch.Watch(origin.keys().full(key), -1))
                    .toList());
        }
        return CompletableFuture.allOf(versions.toArray(CompletableFuture[]::new))
                .thenApply(_ -> versions.stream().map(CompletableFuture::join).toList());
    }

    @Override
    public void onWritten(Consumer<List<byte[]>> listener) {
        keyspaces.onWritten(listener);
    }

    @Override
    public List<Section> info() {
        List<String> shards = new ArrayList<>();
        long keys = 0;
        for (ShardReport shard : keyspaces.reports()) {
            keys += shard.keys();
            shards.add("%s:applied_block=%d,keys=%d,open=%d"
                    .formatted(
                            shard.channel(),
                            shard.appliedBlock(),
                            shard.keys(),
                            shard.problem().isEmpty() ? 1 : 0));
        }
        String all = "db0:keys=%d,expires=0,avg_ttl=0".formatted(keys);
        return List.of(new Section("Keyspace", List.of(all)), new Section("Shards", shards));
    }
}
