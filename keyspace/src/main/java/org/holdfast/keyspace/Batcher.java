package org.holdfast.keyspace;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.Invariant;
import org.holdfast.env.Loop;
import org.holdfast.env.World;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.state.Reply;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// Puts the writing requests of all connections into envelopes, and answers them when those were applied.
///
/// Whatever waits goes into the next envelope, up to a size: who comes alone goes alone, and the more come the more
/// share a signature, a record and a block. A few envelopes are on their way together; the gate keeps their order.
///
/// Threads: [#submit] from any, everything else on the shard's loop.
final class Batcher {
    /// Envelopes of this node that are not applied yet.
    static final int FLIGHTS_MAX = 4;
    /// While one is on its way, the next one waits for so many bytes, for the way to be free, or for this time: then it
    /// may still come into the same block.
    static final int EAGER_BYTES = 64 << 10;

    static final Duration LINGER = Duration.ofMillis(3);
    /// Commands' bytes in one envelope, when there are several: it fits into one record of the gate.
    static final int BATCH_BYTES_MAX = 448 << 10;
    /// Requests in one envelope.
    static final int BATCH_GROUPS_MAX = 4000;
    /// Requests that wait for an envelope.
    static final int QUEUE_MAX = 100_000;
    /// Their bytes.
    static final long QUEUE_BYTES_MAX = 64L << 20;
    /// How long one waits for an envelope.
    static final Duration PATIENCE = Duration.ofSeconds(10);
    /// What an envelope has around its commands.
    static final int ENVELOPE_BYTES = 16 << 10;

    /// How long an ordered envelope waits for being applied here, before its clients are told that it does.
    private static final Duration APPLY_PATIENCE = Duration.ofSeconds(30);

    /// What it works with.
    ///
    /// @param epoch number of this start of the node
    /// @param sequences numbers of its envelopes, of all shards: none comes twice, also where a shard comes twice
    record Parts(
            World world,
            Loop loop,
            ShardChannel channel,
            LocalIdentity signer,
            long epoch,
            AtomicLong sequences,
            KeyspaceFigures.Shard figures) {}

    /// An envelope that was offered.
    private static final class Flight {
        final List<Ask> asks;
        final long sinceNanos;

        Flight(List<Ask> asks, long sinceNanos) {
            this.asks = asks;
            this.sinceNanos = sinceNanos;
        }
    }

    private final Parts parts;
    private final ConcurrentLinkedQueue<Ask> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicBoolean posted = new AtomicBoolean();
    private volatile @Nullable Refusal closed;

    private final Map<Long, Flight> flights = new TreeMap<>();
    private long launchedNanos;
    private long judgedSequence = -1;
    private boolean maker;
    private boolean lingering;

    Batcher(Parts parts) {
        this.parts = parts;
    }

    /// Takes a request; those of one thread keep their order. Its reply is completed with what was applied, with a
    /// failure that says the outcome is unknown, or exceptionally with a refusal: then nothing was carried out.
    CompletableFuture<Reply> submit(CommandEnvelope.Asked asked) {
        Ask ask = Ask.of(asked, parts.world.clock().nanos());
        Refusal reason = closed;
        if (reason == null) {
            reason = refusal(ask);
        }
        if (reason != null) {
            return CompletableFuture.failedFuture(reason.asException());
        }
        queued.incrementAndGet();
        queuedBytes.addAndGet(ask.bytes());
        queue.add(ask);
        wake();
        Refusal meanwhile = closed;
        if (meanwhile != null && queue.remove(ask)) {
            ask.reply().completeExceptionally(meanwhile.asException());
        }
        return ask.reply();
    }

    private @Nullable Refusal refusal(Ask ask) {
        long most = most();
        if (ask.bytes() > most) {
            return Refusal.of(
                    Code.TOO_LARGE, "a request of %d bytes: %d at most fit into an envelope", ask.bytes(), most);
        }
        if (queued.get() >= QUEUE_MAX || queuedBytes.get() + ask.bytes() > QUEUE_BYTES_MAX) {
            return Refusal.of(
                    Code.OVERLOADED,
                    "more than %d requests or %d MiB wait for this shard; try again a little later",
                    QUEUE_MAX,
                    QUEUE_BYTES_MAX >> 20);
        }
        return null;
    }

    /// Bytes of commands that the channel takes in one envelope.
    private long most() {
        return parts.channel.config().batchSize().absoluteMaxBytes() - (long) ENVELOPE_BYTES;
    }

    private void wake() {
        if (posted.compareAndSet(false, true) && !parts.loop.post(this::pump)) {
            posted.set(false);
        }
    }

    /// Sends what waits, as far as it may go.
    void pump() {
        posted.set(false);
        Refusal reason = closed;
        if (reason != null) {
            refuseQueue(reason);
            return;
        }
        while (mayLaunch()) {
            List<Ask> asks = take();
            if (!asks.isEmpty()) {
                launch(asks);
            }
        }
        if (!queue.isEmpty() && flights.size() < FLIGHTS_MAX && !lingering) {
            lingering = true;
            parts.loop.after(LINGER, this::lingered);
        }
    }

    private void lingered() {
        lingering = false;
        pump();
    }

    private boolean mayLaunch() {
        if (queue.isEmpty() || flights.size() >= FLIGHTS_MAX) {
            return false;
        }
        return flights.isEmpty()
                || queuedBytes.get() >= EAGER_BYTES
                || parts.world.clock().nanos() - launchedNanos >= LINGER.toNanos();
    }

    private List<Ask> take() {
        List<Ask> asks = new ArrayList<>();
        long bytes = 0;
        long most = Math.min(BATCH_BYTES_MAX, most());
        refuseOverdue();
        for (Ask ask = queue.peek(); ask != null && asks.size() < BATCH_GROUPS_MAX; ask = queue.peek()) {
            bytes += ask.bytes();
            if (!asks.isEmpty() && bytes > most) {
                break;
            }
            if (taken(ask)) {
                asks.add(ask);
            }
        }
        return asks;
    }

    private boolean taken(Ask ask) {
        boolean ours = queue.remove(ask);
        if (ours) {
            queued.decrementAndGet();
            queuedBytes.addAndGet(-ask.bytes());
        }
        return ours;
    }

    /// Also while none may leave: those on their way may take longer than patience.
    private void refuseOverdue() {
        long oldest = parts.world.clock().nanos() - PATIENCE.toNanos();
        for (Ask ask = queue.peek(); ask != null && ask.sinceNanos() - oldest < 0; ask = queue.peek()) {
            if (taken(ask)) {
                ask.reply().completeExceptionally(overdue().asException());
            }
        }
    }

    private static Refusal overdue() {
        return Refusal.of(
                Code.NO_LEADER,
                "not carried out: no envelope left this node for %d s; try again, or another node",
                PATIENCE.toSeconds());
    }

    /// Nobody applies what this node signs where its certificate is none of a node: its clients are told at once.
    private @Nullable Refusal stranger() {
        ChannelConfig now = parts.channel.config();
        if (now.sequence() != judgedSequence) {
            judgedSequence = now.sequence();
            maker = new Makers(now).has(parts.signer.creator());
        }
        return maker
                ? null
                : Refusal.of(
                        Code.IDENTITY_INVALID,
                        "this node's certificate (%s) is none of an orderer's node in channel %s: nobody would apply"
                                + " what it signs; use another node, or enrol it with the unit of orderers",
                        parts.signer.certificate().getSubjectX500Principal().getName(),
                        parts.channel.id());
    }

    private void launch(List<Ask> asks) {
        Refusal stranger = stranger();
        if (stranger != null) {
            asks.forEach(ask -> ask.reply().completeExceptionally(stranger.asException()));
            return;
        }
        long number = parts.sequences.incrementAndGet();
        CommandEnvelope commands = CommandEnvelope.written(
                new CommandEnvelope.Id(parts.channel.member().toString(), parts.epoch, number),
                asks.stream().map(Ask::asked).toList());
        EnvelopeView envelope = commands.sealed(parts.channel.id(), parts.signer, parts.world);
        launchedNanos = parts.world.clock().nanos();
        flights.put(number, new Flight(asks, launchedNanos));
        parts.figures.batched(asks.size());
        CompletableFuture<?> _ = parts.channel.offer(envelope).whenComplete((_, failure) -> {
            if (failure != null) {
                // A loop that takes nothing more is being closed, and that answers who is left.
                boolean _ = parts.loop.post(() -> failed(number, Decode.cause(failure)));
            }
        });
    }

    private void failed(long number, Throwable cause) {
        Flight flight = flights.remove(number);
        if (flight != null) {
            flight.asks.forEach(ask -> tell(ask, cause));
        }
        pump();
    }

    private static void tell(Ask ask, Throwable cause) {
        if (Fate.unknown(cause)) {
            ask.reply().complete(Fate.uncertain(Decode.reason(cause)));
        } else {
            ask.reply().completeExceptionally(cause);
        }
    }

    /// One of this node's envelopes was applied.
    ///
    /// @param replies one for each of its groups
    void applied(long number, List<Reply> replies) {
        Flight flight = flights.remove(number);
        if (flight == null) {
            return;
        }
        Invariant.check(
                flight.asks.size() == replies.size(), "%d replies for %d requests", replies.size(), flight.asks.size());
        long now = parts.world.clock().nanos();
        for (int i = 0; i < replies.size(); i++) {
            Ask ask = flight.asks.get(i);
            parts.figures.answered(now - ask.sinceNanos());
            ask.reply().complete(replies.get(i));
        }
    }

    /// Looks for those that wait too long; called once a second or so.
    void tick() {
        long oldest = parts.world.clock().nanos() - APPLY_PATIENCE.toNanos();
        flights.values().removeIf(flight -> {
            boolean late = flight.sinceNanos - oldest < 0;
            if (late) {
                Reply.Failure why = Fate.uncertain(
                        "no block with it was applied at this node within %d s".formatted(APPLY_PATIENCE.toSeconds()));
                flight.asks.forEach(ask -> ask.reply().complete(why));
            }
            return late;
        });
        refuseOverdue();
        pump();
    }

    /// Refuses everything that waits and everything that comes.
    ///
    /// @param why what those on their way are told beside that their outcome is unknown
    void close(Refusal reason, String why) {
        closed = reason;
        Reply.Failure unknown = Fate.uncertain(why);
        flights.values()
                .forEach(flight -> flight.asks.forEach(ask -> ask.reply().complete(unknown)));
        flights.clear();
        refuseQueue(reason);
    }

    private void refuseQueue(Refusal reason) {
        for (Ask ask = queue.poll(); ask != null; ask = queue.poll()) {
            queued.decrementAndGet();
            queuedBytes.addAndGet(-ask.bytes());
            ask.reply().completeExceptionally(reason.asException());
        }
    }

    /// Requests that wait for an envelope.
    int waiting() {
        return queued.get();
    }
}
