package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.env.Loop;
import org.holdfast.env.Pool;
import org.holdfast.env.World;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.Origin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes envelopes in, judges them, puts them into records and sees each record through to its fate.
///
/// Envelopes keep the order in which they were offered: judged in parallel, taken in order, and their records applied
/// in order ([Origins]). An envelope is answered when the cutter of this node has taken it from a committed record.
///
/// Records are submitted in rounds. When anything goes wrong (no leader, a lost answer, a gap) every record without a
/// fate is submitted again in a new round; the cutter drops what it has seen.
///
/// Threads: [#offer] from any thread, judging on the pool, everything else on the channel's loop.
final class Gate {
    /// Bytes of envelopes that may wait for their answer.
    static final long OUTSTANDING_BYTES_MAX = 64L << 20;
    /// Envelopes that may wait for their answer.
    static final int OUTSTANDING_MAX = 100_000;
    /// Records on their way. More of them make records smaller, fewer leave the engine idle.
    static final int FLIGHTS_MAX = 4;
    /// Envelopes in one record.
    static final int BATCH_MAX = 2000;
    /// Bytes of envelopes in one record, when there are several.
    static final int BATCH_BYTES_MAX = 512 << 10;

    private static final Duration TICK = Duration.ofMillis(20);
    private static final Duration RESEND_MIN = Duration.ofMillis(10);
    private static final Duration RESEND_MAX = Duration.ofMillis(200);
    private static final Duration ANSWER_OVERDUE = Duration.ofSeconds(3);

    /// Hands a record to the leader, wherever it is. Completes as [OrderedLog#append] does.
    interface Route {
        CompletableFuture<Void> submit(Leadership leadership, ByteString record);

        /// Whether the leader is this node.
        boolean local(Leadership leadership);
    }

    /// Says what may be ordered, and what is.
    interface Judge {
        /// Why an envelope is not admitted; empty if it is. Called on the pool.
        Optional<Refusal> refuse(EnvelopeView envelope);

        /// Whether the very envelope stands in this node's ledger. Called on the channel's loop.
        boolean inLedger(EnvelopeView envelope);
    }

    /// What the gate works with.
    ///
    /// @param judge judges envelopes; runs on the pool
    /// @param figures counts what the gate does
    /// @param configSequence sequence of the config it judges by
    /// @param patience how long an envelope waits for its answer
    record Parts(
            World world,
            Loop loop,
            Pool pool,
            Records records,
            Route route,
            Judge judge,
            long configSequence,
            Duration patience,
            OrderFigures figures) {}

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    private final Parts parts;
    private final ConcurrentLinkedQueue<Offer> intake = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger outstanding = new AtomicInteger();
    private final AtomicLong outstandingBytes = new AtomicLong();
    private final AtomicBoolean pumpPosted = new AtomicBoolean();
    private volatile @Nullable Refusal closed;

    private final ArrayDeque<Flight> flights = new ArrayDeque<>();
    private Leadership leadership = new Leadership(Optional.empty(), 0, false);
    private long nextSequence = 1;
    private int round;
    private volatile int flying;
    private boolean ticking;
    private boolean resendArmed;
    private Duration resendPause = RESEND_MIN;

    Gate(Parts parts) {
        this.parts = parts;
    }

    /// Offers an envelope. Completes when it is ordered: committed by a quorum, and taken by this node's cutter.
    /// Completes exceptionally with [Refusal.Refused] otherwise.
    CompletableFuture<Void> offer(EnvelopeView view) {
        Refusal reason = closed;
        if (reason != null) {
            return CompletableFuture.failedFuture(reason.asException());
        }
        int bytes = view.bytes().size();
        boolean tooMany = outstanding.incrementAndGet() > OUTSTANDING_MAX;
        if (outstandingBytes.addAndGet(bytes) > OUTSTANDING_BYTES_MAX || tooMany) {
            release(bytes);
            return CompletableFuture.failedFuture(Refusal.of(
                            Code.OVERLOADED,
                            "more than %d envelopes or %d MiB wait at this node: send again, with fewer at once",
                            OUTSTANDING_MAX,
                            OUTSTANDING_BYTES_MAX >> 20)
                    .asException());
        }
        Offer offer = new Offer(view, now() + parts.patience.toNanos());
        parts.figures.proposed(offer.type());
        waiting.incrementAndGet();
        intake.add(offer);
        if (!parts.pool.submit(() -> judge(offer))) {
            offer.judged(Offer.Verdict.refused(
                    Refusal.of(Code.OVERLOADED, "this node checks no more signatures now: send again")));
            postPump();
        }
        Refusal meanwhile = closed;
        if (meanwhile != null && intake.remove(offer)) {
            waiting.decrementAndGet();
            complete(offer, meanwhile);
        }
        return offer.answer;
    }

    /// Envelopes that are in no record yet.
    int waiting() {
        return waiting.get();
    }

    /// Envelopes that are not answered yet.
    int outstanding() {
        return outstanding.get();
    }

    /// Bytes of these envelopes.
    long outstandingBytes() {
        return outstandingBytes.get();
    }

    /// Records without a fate, as of the last time the loop looked.
    int flying() {
        return flying;
    }

    /// Refuses everything that waits and everything that comes. Answers here and now: the pool may be gone soon.
    ///
    /// @param afloat what the envelopes already sent are told
    void close(Refusal reason, Refusal afloat) {
        closed = reason;
        for (Flight flight = flights.poll(); flight != null; flight = flights.poll()) {
            flight.offers.forEach(offer -> complete(offer, afloat));
        }
        refuseIntake(reason);
    }

    private void refuseIntake(Refusal reason) {
        for (Offer offer = intake.poll(); offer != null; offer = intake.poll()) {
            waiting.decrementAndGet();
            complete(offer, reason);
        }
    }

    /// Another member, or a later start of this one, has taken over. The log was read up to there: what has no fate by
    /// now gets none.
    void superseded() {
        Refusal reason = Refusal.of(
                Code.MEMBER_SUPERSEDED,
                "member %s no longer holds its seat: send to another node",
                parts.records.member());
        close(reason, reason);
    }

    void leadership(Leadership now) {
        boolean changed = !now.equals(leadership);
        leadership = now;
        if (changed && !flights.isEmpty()) {
            resendPause = RESEND_MIN;
            trouble();
        }
    }

    /// The cutter has come to a record of this gate.
    void settled(Origin origin, Fate fate) {
        if (!parts.records.ours(origin)) {
            return;
        }
        switch (fate) {
            case APPLIED -> finish(origin.getSequence(), null);
            case DUPLICATE -> {}
            case GAP -> {
                // Also what the engine says of these copies from now on is void: the copies were not applied.
                flights.stream()
                        .filter(flight -> flight.sequence >= origin.getSequence())
                        .forEach(Flight::unsent);
                trouble();
            }
            case STALE_CONFIG ->
                finish(
                        origin.getSequence(),
                        Refusal.of(Code.STALE_CONFIG, "the channel's config changed meanwhile: send again"));
            case DROPPED ->
                finish(
                        origin.getSequence(),
                        Refusal.of(Code.LARGE_ENVELOPE_DROPPED, "parts of the envelope were lost: send again"));
            case FOREIGN, STALE_EPOCH -> superseded();
        }
        pump();
    }

    /// The ledger was moved on by blocks from elsewhere; this gate's records up to `applied` are part of them.
    void caughtUp(long applied) {
        while (!flights.isEmpty() && flights.getFirst().sequence <= applied) {
            Flight flight = flights.removeFirst();
            // A batch that was applied is in; an envelope in fragments may have been dropped at its last one.
            boolean certain = !flight.voided()
                    && (!flight.fragment()
                            || flight.offers.stream().allMatch(offer -> parts.judge.inLedger(offer.view)));
            answer(flight.offers, certain ? null : unknownOutcome());
        }
    }

    private void judge(Offer offer) {
        long began = now();
        try {
            Optional<Refusal> refusal = parts.judge.refuse(offer.view);
            long judged = now();
            parts.figures.judged(offer.type(), refusal, judged - began);
            offer.judged(new Offer.Verdict(refusal, judged));
        } catch (RuntimeException e) { // boundary: no envelope may stop the ones behind it, whatever is in it
            LOG.error("An envelope cannot be judged", e);
            offer.judged(Offer.Verdict.refused(
                    Refusal.of(Code.MALFORMED_ENVELOPE, "the envelope cannot be judged: %s", Decode.reason(e))));
        }
        postPump();
    }

    private void postPump() {
        if (pumpPosted.compareAndSet(false, true) && !parts.loop.post(this::pump)) {
            pumpPosted.set(false);
        }
    }

    private void pump() {
        pumpPosted.set(false);
        Refusal reason = closed;
        if (reason != null) {
            refuseIntake(reason);
            return;
        }
        while (flights.size() < FLIGHTS_MAX) {
            List<Offer> ready = drain();
            if (ready.isEmpty()) {
                break;
            }
            if (ready.getFirst().bytes() > Records.CONTENT_BYTES_MAX) {
                launchLarge(ready.getFirst());
            } else {
                launch(ready);
            }
        }
        tickSoon();
    }

    /// The envelopes of the next record: judged ones from the head of the intake, a large one alone.
    private List<Offer> drain() {
        List<Offer> ready = new ArrayList<>();
        long bytes = 0;
        for (Offer offer = intake.peek(); offer != null; offer = intake.peek()) {
            Offer.Verdict verdict = offer.verdict();
            if (verdict == null) {
                break;
            }
            bytes += offer.bytes();
            if (!ready.isEmpty() && (bytes > BATCH_BYTES_MAX || ready.size() >= BATCH_MAX)) {
                break;
            }
            intake.remove();
            waiting.decrementAndGet();
            if (verdict.refusal().isPresent()) {
                bytes -= offer.bytes();
                answer(List.of(offer), verdict.refusal().get());
            } else {
                ready.add(offer);
            }
        }
        return ready;
    }

    private void launch(List<Offer> offers) {
        long sequence = nextSequence++;
        List<ByteString> envelopes =
                offers.stream().map(offer -> offer.view.bytes()).toList();
        add(new Flight(sequence, sequence, parts.records.batch(sequence, parts.configSequence, envelopes), offers));
    }

    private void launchLarge(Offer offer) {
        long first = nextSequence;
        List<ByteString> records = parts.records.fragments(first, parts.configSequence, offer.view.bytes());
        nextSequence += records.size();
        for (int i = 0; i < records.size(); i++) {
            List<Offer> waits = i == records.size() - 1 ? List.of(offer) : List.of();
            add(new Flight(first + i, first, records.get(i), waits));
        }
    }

    private void add(Flight flight) {
        flights.add(flight);
        if (!resendArmed) {
            send(flight);
        }
    }

    private void send(Flight flight) {
        if (leadership.leader().isEmpty()) {
            trouble();
            return;
        }
        int sent = round;
        flight.round = sent;
        flight.sentNanos = now();
        flight.answerLost = false;
        CompletableFuture<?> _ = parts.route.submit(leadership, flight.record()).whenComplete((_, failure) -> {
            if (!parts.loop.post(() -> answered(flight, sent, failure == null))) {
                flight.answerLost = true;
            }
        });
    }

    private void answered(Flight flight, int sent, boolean committed) {
        if (flight.round != sent) {
            return;
        }
        if (committed) {
            flight.committed = true;
        } else if (flights.contains(flight)) {
            trouble();
        }
    }

    private void trouble() {
        if (!resendArmed) {
            resendArmed = true;
            parts.loop.after(resendPause, this::resend);
            Duration next = resendPause.multipliedBy(2);
            resendPause = next.compareTo(RESEND_MAX) > 0 ? RESEND_MAX : next;
        }
    }

    private void resend() {
        resendArmed = false;
        parts.figures.resent();
        round++;
        boolean from = false;
        for (Flight flight : flights) {
            from |= !flight.committed;
            if (from && !resendArmed) {
                flight.committed = false;
                send(flight);
            }
        }
    }

    private void finish(long sequence, @Nullable Refusal refusal) {
        resendPause = RESEND_MIN;
        while (!flights.isEmpty() && flights.getFirst().sequence <= sequence) {
            Flight flight = flights.removeFirst();
            answer(flight.offers, flight.sequence == sequence ? refusal : null);
        }
    }

    private void tickSoon() {
        flying = flights.size();
        if (!ticking && (!flights.isEmpty() || !intake.isEmpty())) {
            ticking = true;
            parts.loop.after(TICK, this::tick);
        }
    }

    private void tick() {
        ticking = false;
        long now = now();
        boolean overdue = false;
        for (Flight flight : flights) {
            if (expired(flight, now)) {
                if (!flight.committed) {
                    voidGroup(flight.group);
                } else if (!flight.answered) {
                    // Committed, but this node does not come to read it: it stays afloat, its client need not.
                    flight.answered = true;
                    answer(flight.offers, unknownOutcome());
                }
            }
            overdue |= !flight.committed && flight.round == round && isOverdue(flight, now);
        }
        if (overdue) {
            trouble();
        }
        for (Offer offer = intake.peek(); offer != null && now > offer.deadlineNanos; offer = intake.peek()) {
            intake.remove();
            waiting.decrementAndGet();
            answer(List.of(offer), notOrdered());
        }
        pump();
    }

    /// A leader on this node always answers, if only by losing its leadership.
    private boolean isOverdue(Flight flight, long now) {
        boolean late = now - flight.sentNanos > ANSWER_OVERDUE.toNanos();
        return flight.answerLost || (late && !parts.route.local(leadership));
    }

    private static boolean expired(Flight flight, long now) {
        return !flight.voided() && !flight.offers.isEmpty() && now > flight.offers.getFirst().deadlineNanos;
    }

    private void voidGroup(long group) {
        for (Flight flight : flights) {
            if (flight.group == group && !flight.voided()) {
                answer(flight.offers, unknownOutcome());
                flight.makeVoid(parts.records.batch(flight.sequence, parts.configSequence, List.of()));
            }
        }
        trouble();
    }

    private Refusal notOrdered() {
        return Refusal.of(
                Code.NO_LEADER,
                "not ordered: the channel had no leader with a quorum for %d s; send again",
                parts.patience.toSeconds());
    }

    private Refusal unknownOutcome() {
        return Refusal.of(
                Code.NO_LEADER,
                "no quorum answered within %d s: the envelope may or may not be ordered later, look for it before"
                        + " sending it again",
                parts.patience.toSeconds());
    }

    /// Answers run on the pool: what a door does with them must not slow the loop.
    private void answer(List<Offer> offers, @Nullable Refusal refusal) {
        if (offers.isEmpty()) {
            return;
        }
        Runnable work = () -> offers.forEach(offer -> complete(offer, refusal));
        if (!parts.pool.submit(work)) {
            work.run();
        }
    }

    private void complete(Offer offer, @Nullable Refusal refusal) {
        boolean first = refusal == null
                ? offer.answer.complete(null)
                : offer.answer.completeExceptionally(refusal.asException());
        if (first) {
            release(offer.bytes());
            Offer.Verdict verdict = offer.verdict();
            if (verdict != null && verdict.refusal().isEmpty()) {
                parts.figures.answered(offer.type(), refusal, now() - verdict.atNanos());
            }
        }
    }

    private void release(int bytes) {
        outstandingBytes.addAndGet(-bytes);
        outstanding.decrementAndGet();
    }

    private long now() {
        return parts.world.clock().nanos();
    }
}
