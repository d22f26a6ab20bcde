package org.holdfast.cli;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Recorder;
import org.holdfast.transport.BroadcastAnswer;
import org.holdfast.transport.BroadcastStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.OrdererClient;
import org.jspecify.annotations.Nullable;

/// Sends signed envelopes over several streams.
///
/// In a closed loop a stream sends its next envelope when its window has room. With a rate every envelope has a time at
/// which it is due, and its latency counts from then: a stall of the orderer is charged to all envelopes that were due
/// in it (no coordinated omission).
///
/// One virtual thread a stream begins, paces and ends it; in a closed loop the event loops send. Envelopes are
/// handed out by a counter. Times of envelopes are written by the sending thread before the envelope leaves and
/// read by whoever sees its answer or its block.
final class BenchLoad {
    private static final long LAST_ANSWERS_SECONDS = 30;
    private static final long OPEN_AGAIN_MILLIS = 200;

    private final Session session;
    private final BenchPlan plan;
    private final List<ByteString> envelopes;
    private final long[] dueNanos;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final Recorder acknowledgements;
    private volatile @Nullable String lastFailure;
    private volatile long begun;
    /// When no signed envelope was left; 0 = that did not happen.
    private volatile long usedUp;

    /// @param acknowledgements gets the time from due to answered, in microseconds
    BenchLoad(Session session, BenchPlan plan, List<ByteString> envelopes, Recorder acknowledgements) {
        this.session = session;
        this.plan = plan;
        this.envelopes = envelopes;
        this.dueNanos = new long[envelopes.size()];
        this.acknowledgements = acknowledgements;
    }

    /// Sends until the time is up or no envelope is left, and waits for the last answers.
    ///
    /// @param links one for each stream; closed here
    void run(List<OrdererClient> links) {
        begun = now();
        CountDownLatch open = new CountDownLatch(links.size());
        for (OrdererClient link : links) {
            session.world().start("bench-stream", () -> {
                try (link) {
                    send(link);
                } finally {
                    open.countDown();
                }
            });
        }
        try {
            open.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// When an envelope was due.
    long dueNanos(int envelope) {
        return dueNanos[envelope];
    }

    /// When the part that counts begins and ends.
    long measuredFrom() {
        return begun + plan.warmUp().toNanos();
    }

    long measuredUntil() {
        long planned = begun + plan.whole().toNanos();
        long empty = usedUp;
        return empty == 0 ? planned : Math.min(empty, planned);
    }

    boolean isMeasured(long nanos) {
        return nanos - measuredFrom() >= 0 && nanos - measuredUntil() < 0;
    }

    /// How long the part that counts was: shorter than planned when the envelopes were used up before.
    double measuredSeconds() {
        return Math.max(1, measuredUntil() - measuredFrom()) / 1e9;
    }

    int sent() {
        return Math.min(next.get(), envelopes.size());
    }

    /// Answered with SUCCESS within the measured time.
    int acknowledged() {
        return acknowledged.get();
    }

    /// Refused, or lost with their stream.
    int failed() {
        return failed.get();
    }

    @Nullable
    String lastFailure() {
        return lastFailure;
    }

    private void send(OrdererClient link) {
        boolean again = true;
        while (again) {
            Lane lane = new Lane(link.broadcastOnLoop());
            again = plan.rate().isPresent() ? lane.openLoop() : lane.closedLoop();
            if (again) {
                Session.pause(OPEN_AGAIN_MILLIS);
            }
        }
    }

    /// One stream while it lasts.
    private final class Lane {
        private final BroadcastStream stream;
        private final Semaphore room = new Semaphore(plan.window());

        Lane(BroadcastStream stream) {
            this.stream = stream;
        }

        /// Every answer sends the next envelope, on the thread that brought it.
        ///
        /// @return whether the stream broke and there is more to send
        boolean closedLoop() {
            try {
                for (int i = 0; i < plan.window(); i++) {
                    room.acquire();
                    sendNext();
                }
                return awaitAnswers();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        /// Envelopes leave when they are due.
        ///
        /// @return whether the stream broke and there is more to send
        boolean openLoop() {
            try {
                while (!over()) {
                    if (!room.tryAcquire(OPEN_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                        continue;
                    }
                    int envelope = take();
                    if (envelope < 0 || !send(envelope, due(envelope))) {
                        room.release();
                        break;
                    }
                }
                return awaitAnswers();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        private void sendNext() {
            int envelope = over() ? -1 : take();
            if (envelope < 0 || !send(envelope, now())) {
                room.release();
            }
        }

        /// @return false when the stream is broken; the envelope counts as failed then
        private boolean send(int envelope, long due) {
            awaitDue(due);
            dueNanos[envelope] = due;
            try {
                var _ = stream.sendAtOnce(envelopes.get(envelope))
                        .whenComplete((answer, failure) -> answered(due, answer, failure));
                return true;
            } catch (LinkBroken e) {
                failed.incrementAndGet();
                lastFailure = e.getMessage();
                return false;
            }
        }

        private void answered(long due, @Nullable BroadcastAnswer answer, @Nullable Throwable failure) {
            boolean success = note(due, answer, failure);
            if (success && plan.rate().isEmpty()) {
                sendNext();
            } else {
                room.release();
            }
        }

        private boolean awaitAnswers() throws InterruptedException {
            long patience = Math.max(0, measuredUntil() - now()) + TimeUnit.SECONDS.toNanos(LAST_ANSWERS_SECONDS);
            boolean _ = room.tryAcquire(plan.window(), patience, TimeUnit.NANOSECONDS);
            return !over();
        }
    }

    /// @return the next envelope's number; -1 when none is left
    private int take() {
        int envelope = next.getAndIncrement();
        if (envelope < envelopes.size()) {
            return envelope;
        }
        usedUp = usedUp == 0 ? now() : usedUp;
        return -1;
    }

    /// @return whether it was a success
    private boolean note(long due, @Nullable BroadcastAnswer answer, @Nullable Throwable failure) {
        long now = now();
        if (answer != null && answer.isSuccess()) {
            if (isMeasured(now)) {
                acknowledged.incrementAndGet();
            }
            if (isMeasured(due)) {
                acknowledgements.recordValue(Math.max(0, TimeUnit.NANOSECONDS.toMicros(now - due)));
            }
            return true;
        }
        failed.incrementAndGet();
        lastFailure = answer == null ? String.valueOf(failure) : answer.info();
        return false;
    }

    private long due(int envelope) {
        return plan.rate().isPresent()
                ? begun + (long) (envelope * (1e9 / plan.rate().getAsInt()))
                : now();
    }

    private void awaitDue(long due) {
        for (long early = due - now(); early > 0; early = due - now()) {
            LockSupport.parkNanos(early);
        }
    }

    private boolean over() {
        return now() - measuredUntil() >= 0;
    }

    private long now() {
        return session.world().clock().nanos();
    }

    /// Signs all the envelopes of a run.
    ///
    /// @param run tells this run's envelopes from others in the channel
    static List<ByteString> sign(BenchPlan plan, Client client, long run, BenchPadding padding) {
        List<ByteString> signed = new ArrayList<>();
        int count = 1;
        while (signed.size() < count) {
            ByteString envelope = client.message(
                    BenchMark.data(run, signed.size(), padding.next(plan.payloadBytes() - BenchPlan.MARK_BYTES)));
            signed.add(envelope);
            count = plan.envelopes(envelope.size(), Runtime.getRuntime().maxMemory());
        }
        return signed;
    }
}
