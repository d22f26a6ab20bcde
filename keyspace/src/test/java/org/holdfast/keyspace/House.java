package org.holdfast.keyspace;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.Reply;
import org.holdfast.state.redis.Backend;
import org.holdfast.state.redis.KeyMapping;
import org.holdfast.state.redis.Request;

/// A node's keyspaces over paper channels.
final class House implements AutoCloseable {
    final List<PaperChannel> channels = new ArrayList<>();
    private final Town town;
    private final Path root;
    private Keyspaces keyspaces;
    private Backend backend;
    private final long checkpointBlocks;
    private long epoch;

    House(Town town, Path root) {
        this(town, root, 0);
    }

    /// @param checkpointBlocks see [Keyspaces.Parts]
    House(Town town, Path root, long checkpointBlocks) {
        this.checkpointBlocks = checkpointBlocks;
        this.town = town;
        this.root = root;
        begin();
    }

    private void begin() {
        keyspaces = Keyspaces.start(new Keyspaces.Parts(
                Town.WORLD,
                Town.CRYPTO,
                town.node(0),
                ++epoch,
                id -> root.resolve("state").resolve(id.name()),
                2,
                checkpointBlocks));
        backend = keyspaces.backend();
    }

    /// The process ends and begins again; the channels stay.
    void restart() {
        keyspaces.close();
        begin();
        channels.forEach(keyspaces::opened);
    }

    PaperChannel open(ShardName name) throws Exception {
        PaperChannel channel = new PaperChannel(town, root.resolve("chains"), name);
        channels.add(channel);
        keyspaces.opened(channel);
        return channel;
    }

    /// All shards of a keyspace.
    House keyspace(String name, int shards) throws Exception {
        for (int i = 0; i < shards; i++) {
            open(new ShardName(name, shards, i, true));
        }
        return this;
    }

    Keyspaces keyspaces() {
        return keyspaces;
    }

    Backend backend() {
        return backend;
    }

    static Request request(KeyMapping keys, String... words) {
        return Request.of(
                new Request.Origin(1, "ann", keys), List.of(Command.of(words)), Request.Consistency.LINEARIZABLE);
    }

    static Request transaction(List<Batch.Watch> watches, Command... commands) {
        return new Request(
                new Request.Origin(1, "ann", KeyMapping.FULL),
                Arrays.asList(commands),
                true,
                watches,
                Request.Consistency.LINEARIZABLE,
                null);
    }

    /// Under an id.
    CompletableFuture<Reply> once(String id, String... words) {
        Request plain = request(KeyMapping.FULL, words);
        Batch.Once once = new Batch.Once("ann", id.getBytes(StandardCharsets.UTF_8));
        return ask(new Request(plain.origin(), plain.commands(), false, List.of(), plain.consistency(), once));
    }

    CompletableFuture<Reply> ask(String... words) {
        return ask(request(KeyMapping.FULL, words));
    }

    CompletableFuture<Reply> ask(Request request) {
        return backend.execute(request).toCompletableFuture();
    }

    Reply reply(String... words) {
        return reply(ask(words));
    }

    static Reply reply(CompletableFuture<Reply> stage) {
        try {
            return stage.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The reply as text: a list in brackets, nil as `nil`.
    String text(String... words) {
        return text(reply(words));
    }

    static String text(Reply reply) {
        return switch (reply) {
            case Reply.Bulk bulk -> new String(bulk.bytes(), StandardCharsets.UTF_8);
            case Reply.Status status -> status.text();
            case Reply.Failure failure -> failure.line();
            case Reply.Whole whole -> Long.toString(whole.value());
            case Reply.Nil _, Reply.NilListing _ -> "nil";
            case Reply.Listing listing ->
                listing.items().stream().map(House::text).toList().toString();
            default -> reply.toString();
        };
    }

    /// Until every shard answers.
    House settled() {
        org.awaitility.Awaitility.await()
                .until(() -> keyspaces.reports().stream()
                        .allMatch(shard -> shard.problem().isEmpty()));
        return this;
    }

    @Override
    public void close() {
        keyspaces.close();
        channels.forEach(PaperChannel::close);
    }
}
