package org.holdfast.state.redis;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.holdfast.env.World;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.CommandTable;
import org.holdfast.state.Parsed;
import org.holdfast.state.Reply;
import org.holdfast.state.ShardState;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;

/// A shard of this process without a ledger: each request is a block. One thread applies and reads, when a test lets
/// it.
final class LocalBackend implements Backend, AutoCloseable {
    private final ShardState state;
    private final ExecutorService applier = Executors.newSingleThreadExecutor();
    private final AtomicInteger inFlight = new AtomicInteger();
    private Consumer<List<byte[]>> listener = _ -> {};
    private long block;
    private volatile CountDownLatch held = new CountDownLatch(0);
    volatile boolean broken;
    /// Requests are refused before they are taken.
    volatile boolean refuses;
    final AtomicInteger mostInFlight = new AtomicInteger();
    final List<Request> seen = new ArrayList<>();

    LocalBackend(Path directory) throws IOException {
        this.state = ShardState.open(World.real(), directory, new ShardState.Options(false));
        this.block = state.appliedBlock();
    }

    @Override
    public CompletionStage<Reply> execute(Request request) {
        if (refuses) {
            throw Refusal.of(Code.SHARD_NOT_HERE, "planted").asException();
        }
        mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
        return CompletableFuture.supplyAsync(() -> bare(request, run(request)), applier)
                .whenComplete((_, _) -> inFlight.decrementAndGet());
    }

    @Override
    public CompletionStage<List<Batch.Watch>> watch(Request.Origin origin, List<byte[]> keys) {
        return CompletableFuture.supplyAsync(
                () -> keys.stream()
                        .map(key -> new Batch.Watch(
                                origin.keys().full(key),
                                state.version(origin.keys().full(key), now())))
                        .toList(),
                applier);
    }

    @Override
    public void onWritten(Consumer<List<byte[]>> told) {
        listener = told;
    }

    @Override
    public List<Section> info() {
        return List.of(new Section("Keyspace", List.of("db0:keys=" + state.keys() + ",expires=0,avg_ttl=0")));
    }

    private static Reply bare(Request request, Reply reply) {
        KeyMapping keys = request.origin().keys();
        if (!request.transaction()) {
            return keys.bare(request.commands().getFirst(), reply);
        }
        if (!(reply instanceof Reply.Listing all)) {
            return reply;
        }
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < all.items().size(); i++) {
            replies.add(keys.bare(request.commands().get(i), all.items().get(i)));
        }
        return new Reply.Listing(replies);
    }

    private Reply run(Request request) {
        awaitRelease();
        if (broken) {
            throw new IllegalStateException("planted");
        }
        synchronized (seen) {
            seen.add(request);
        }
        List<Command> full = request.commands().stream()
                .map(command -> request.origin().keys().full(command))
                .toList();
        boolean writes =
                request.transaction() || request.once() != null || full.stream().anyMatch(LocalBackend::writes);
        if (!writes) {
            return switch (CommandTable.parse(full.getFirst())) {
                case Parsed.Wrong wrong -> wrong.reply();
                case Parsed.Ready ready -> state.read(ready, now());
            };
        }
        Batch.Group group = new Batch.Group(full, request.transaction(), request.watches(), request.once());
        Reply reply = state.apply(new Batch(++block, now(), new byte[] {(byte) block}, List.of(group)))
                .getFirst();
        listener.accept(state.poppable());
        return reply;
    }

    private static boolean writes(Command command) {
        CommandSpec spec = CommandTable.find(command);
        return spec != null && spec.writes();
    }

    /// How many such commands were carried out.
    long count(String name) {
        synchronized (seen) {
            return seen.stream()
                    .filter(request -> request.commands().getFirst().name().equals(name))
                    .count();
        }
    }

    int inFlight() {
        return inFlight.get();
    }

    /// From now on requests are taken and not carried out, until [#release].
    void hold() {
        held = new CountDownLatch(1);
    }

    void release() {
        held.countDown();
    }

    private void awaitRelease() {
        try {
            held.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long now() {
        return System.currentTimeMillis();
    }

    @Override
    public void close() {
        release();
        applier.close();
        state.close();
    }
}
