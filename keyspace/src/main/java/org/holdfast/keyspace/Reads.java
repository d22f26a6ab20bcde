package org.holdfast.keyspace;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.holdfast.env.Clock;
import org.holdfast.env.Pool;
import org.holdfast.state.ShardState;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// Answers reads of a shard.
///
/// A linearizable one waits until the state has come to a read point that was asked for after the read came. One
/// question is under way at a time; who comes meanwhile shares the next one. A stale one is answered from what is
/// there.
///
/// Reads of one session are looked up in their order: each session has its lane. Any thread; the lock guards the
/// rounds.
final class Reads {
    /// Reads that wait.
    static final int WAITING_MAX = 100_000;
    /// How long one waits for the state to come to its read point.
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int LANES = 4;

    private final ShardChannel channel;
    private final ShardState state;
    private final Clock clock;
    private final KeyspaceFigures.Shard figures;
    private final List<Lane> lanes = new ArrayList<>();

    private final Object lock = new Object();
    private List<Read<?>> waiting = new ArrayList<>();
    private boolean asking;
    private final ArrayDeque<Round> rounds = new ArrayDeque<>();
    private int pending;
    private @Nullable Refusal closed;

    Reads(ShardChannel channel, ShardState state, Clock clock, Pool pool, KeyspaceFigures.Shard figures) {
        this.channel = channel;
        this.state = state;
        this.clock = clock;
        this.figures = figures;
        for (int i = 0; i < LANES; i++) {
            lanes.add(new Lane(pool));
        }
    }

    /// Reads that wait for the state to come to a block.
    private record Round(long block, long timeMillis, long sinceNanos, List<Read<?>> reads) {}

    private final class Read<T> implements Lane.Task {
        private final long session;
        private final LongFunction<T> look;
        private final long sinceNanos;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private long timeMillis;

        Read(long session, LongFunction<T> look) {
            this.session = session;
            this.look = look;
            this.sinceNanos = clock.nanos();
        }

        void go(long time) {
            timeMillis = time;
            lanes.get((int) Math.floorMod(session, (long) LANES)).add(this);
        }

        @Override
        public void run() {
            try {
                result.complete(look.apply(timeMillis));
            } catch (RuntimeException e) { // boundary: whatever it is, the client is told
                result.completeExceptionally(e);
            }
            figures.reads.increment();
            figures.readNanos.observe(clock.nanos() - sinceNanos);
        }

        @Override
        public void refused() {
            Refusal reason;
            synchronized (lock) {
                reason = closed;
            }
            fail((reason == null ? crowded() : reason).asException());
        }

        void fail(Throwable why) {
            result.completeExceptionally(why);
        }
    }

    /// Looks at the state as it is.
    ///
    /// @param look is given the time: this node's, never before the last record's
    <T> CompletableFuture<T> stale(long session, LongFunction<T> look) {
        Read<T> read = new Read<>(session, look);
        read.go(Math.max(clock.wallMillis(), state.appliedMillis()));
        return read.result;
    }

    /// Looks at the state when all that was acknowledged before this call is in it.
    ///
    /// @param look is given the leader's time
    <T> CompletableFuture<T> fresh(long session, LongFunction<T> look) {
        Read<T> read = new Read<>(session, look);
        synchronized (lock) {
            Refusal no = closed == null && pending >= WAITING_MAX ? full() : closed;
            if (no != null) {
                read.fail(no.asException());
                return read.result;
            }
            pending++;
            waiting.add(read);
            if (asking) {
                return read.result;
            }
            asking = true;
        }
        ask();
        return read.result;
    }

    private static Refusal full() {
        return Refusal.of(
                Code.OVERLOADED, "more than %d reads wait for this shard; try again a little later", WAITING_MAX);
    }

    private void ask() {
        List<Read<?>> round;
        synchronized (lock) {
            round = waiting;
            waiting = new ArrayList<>();
        }
        figures.readPoints.increment();
        CompletableFuture<?> _ = channel.readPoint().whenComplete((point, failure) -> {
            if (failure == null) {
                reach(new Round(point.height() - 1, point.timeMillis(), clock.nanos(), round));
            } else {
                forget(round);
                Throwable cause = Decode.cause(failure);
                round.forEach(read -> read.fail(cause));
            }
            next();
        });
    }

    private void next() {
        synchronized (lock) {
            if (waiting.isEmpty()) {
                asking = false;
                return;
            }
        }
        ask();
    }

    private void forget(List<Read<?>> round) {
        synchronized (lock) {
            pending -= round.size();
        }
    }

    /// Rounds are gone through in their order: a session's later read is never looked up before its earlier one.
    private void reach(Round round) {
        Refusal no;
        synchronized (lock) {
            no = closed;
            if (no == null) {
                rounds.add(round);
                goOn();
                return;
            }
        }
        round.reads.forEach(read -> read.fail(no.asException()));
    }

    private void goOn() {
        long applied = state.appliedBlock();
        for (Round round = rounds.peek(); round != null && round.block <= applied; round = rounds.peek()) {
            rounds.remove();
            pending -= round.reads.size();
            for (Read<?> read : round.reads) {
                read.go(round.timeMillis);
            }
        }
    }

    /// The state has moved on. On the shard's loop.
    void applied() {
        synchronized (lock) {
            goOn();
        }
    }

    /// Looks for those that wait too long; called once a second or so.
    void tick() {
        List<Round> late = new ArrayList<>();
        synchronized (lock) {
            long oldest = clock.nanos() - PATIENCE.toNanos();
            rounds.stream().filter(round -> round.sinceNanos - oldest < 0).forEach(late::add);
            rounds.removeAll(late);
            late.forEach(round -> pending -= round.reads.size());
        }
        for (Round round : late) {
            Refusal why = Refusal.of(
                    Code.STATE_BEHIND,
                    "the state of channel %s at this node is at block %d after %d s, and the read needs block %d:"
                            + " try another node",
                    channel.id(),
                    state.appliedBlock(),
                    PATIENCE.toSeconds(),
                    round.block);
            round.reads.forEach(read -> read.fail(why.asException()));
        }
    }

    /// Refuses everything that waits and everything that comes.
    void close(Refusal reason) {
        List<Read<?>> left = new ArrayList<>();
        synchronized (lock) {
            closed = reason;
            left.addAll(waiting);
            waiting = new ArrayList<>();
            rounds.forEach(round -> left.addAll(round.reads));
            rounds.clear();
        }
        left.forEach(read -> read.fail(reason.asException()));
    }

    private static Refusal crowded() {
        return Refusal.of(
                Code.OVERLOADED, "too many look-ups wait on this node; try again a little later, or ask another node");
    }
}
