package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.env.Loop;
import org.holdfast.env.Pool;
import org.holdfast.env.World;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.Origin;
import org.jspecify.annotations.Nullable;

/// Takes envelopes in, judges them, puts them into records and sees each record through to its fate.
///
/// Envelopes keep the order in which they were offered: judged in parallel, taken in order, and their records applied
/// in order ([Origins]). An envelope is answered when the cutter of this node has taken it from a committed record.
///
/// When the channel's config moves, records judged by the one before are on their way and will not be applied. Their
/// envelopes come back, are judged by the new config and go first again; until the last of them is back, no record is
/// sent. A config update is judged by making the config it leads to; that config travels alone.
///
/// Records are submitted in rounds. When anything goes wrong (no leader, a lost answer, a gap) every record without a
/// fate is submitted again in a new round; the cutter drops what it has seen.
///
/// Threads: [#offer] from any thread, judging on the pool, everything else on the channel's loop.
final class Gate {
    /// Records on their way. More of them make records smaller, fewer leave the engine idle.
    static final int FLIGHTS_MAX = 4;
    /// Envelopes in one record.
    static final int BATCH_MAX = 2000;
    /// How often an envelope is judged again because the config moved under its record.
    static final int RECALLS_MAX = 16;
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

    /// What was found about an envelope.
    ///
    /// @param refusal why it is not admitted; empty = admitted
    /// @param configSequence of the config it was judged by
    /// @param config the CONFIG envelope to be ordered, if it is a config update
    record Judgement(Optional<Refusal> refusal, long configSequence, Optional<ByteString> config) {}

    /// Says what may be ordered, and what is.
    interface Judge {
        /// Judges an envelope by the config in force. Called on the pool.
        Judgement judge(EnvelopeView envelope);

        /// Whether the very envelope, or the config it led to, is seen to stand in this node's ledger; false as well
        /// where that cannot be read now. Called on the channel's loop.
        ///
        /// @param since sequence of the config it was judged by
        boolean inLedger(EnvelopeView envelope, long since);
    }

    /// What the gate works with.
    ///
    /// @param judge judges envelopes; runs on the pool
    /// @param figures counts what the gate does
    /// @param configSequence sequence of the config in force at first
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

    private final Parts parts;
    private final Bench bench;
    private final Intake intake = new Intake();
    private final Answers answers;
    private final AtomicBoolean pumpPosted = new AtomicBoolean();
    private volatile @Nullable Refusal closed;

    private final ArrayDeque<Flight> flights = new ArrayDeque<>();
    private long configSequence;
    private Leadership leadership = new Leadership(Optional.empty(), 0, false);
    private long nextSequence = 1;
    private int round;
    private volatile int flying;
    private boolean ticking;
    private boolean resendArmed;
    private Duration resendPause = RESEND_MIN;

    Gate(Parts parts) {
        this.parts = parts;
        this.answers = new Answers(parts);
        this.bench = new Bench(parts, this::postPump);
        this.configSequence = parts.configSequence;
    }

    /// Offers an envelope. Completes when it is ordered: committed by a quorum, and taken by this node's cutter.
    /// Completes exceptionally with [Refusal.Refused] otherwise.
    CompletableFuture<Void> offer(EnvelopeView view) {
        Refusal reason = closed;
        if (reason != null) {
            return CompletableFuture.failedFuture(reason.asException());
        }
        Optional<Refusal> full = answers.expect(view.bytes().size());
        if (full.isPresent()) {
            return CompletableFuture.failedFuture(full.get().asException());
        }
        Offer offer = new Offer(view, now() + parts.patience.toNanos());
        parts.figures.proposed(offer.type());
        intake.add(offer);
        bench.judge(offer);
        Refusal meanwhile = closed;
        if (meanwhile != null && intake.withdraw(offer)) {
            answers.complete(offer, meanwhile);
        }
        return offer.answer;
    }

    /// Envelopes that are in no record yet.
    int waiting() {
        return intake.size();
    }

    /// Envelopes that are not answered yet.
    int outstanding() {
        return answers.outstanding();
    }

    /// Bytes of these envelopes.
    long outstandingBytes() {
        return answers.outstandingBytes();
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
            flight.offers.forEach(offer -> answers.complete(offer, afloat));
        }
        refuseIntake(reason);
    }

    private void refuseIntake(Refusal reason) {
        intake.clear().forEach(offer -> answers.complete(offer, reason));
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

    /// A config is in force: it has a block at this node. Comes before the fate of the record that brought it.
    void configured(long sequence) {
        configSequence = sequence;
        pump();
    }

    /// The cutter has come to a record.
    void settled(Cutter.Effect.Settled settled) {
        Origin origin = settled.origin();
        if (!parts.records.ours(origin)) {
            return;
        }
        switch (settled.fate()) {
            case APPLIED -> finish(origin.getSequence(), null);
            case DUPLICATE -> {}
            case GAP -> {
                // Also what the engine says of these copies from now on is void: the copies were not applied.
                flights.stream()
                        .filter(flight -> flight.sequence >= origin.getSequence())
                        .forEach(Flight::unsent);
                trouble();
            }
            case STALE_CONFIG -> land(origin.getSequence()).ifPresent(this::recall);
            case REFUSED -> finish(origin.getSequence(), settled.why().orElseThrow());
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
            // A batch judged by the config that is still in force is in. An envelope in fragments may have been dropped
            // at its last one, a config refused, anything else recalled.
            boolean inForce = flight.configSequence == configSequence && !flight.fragment() && !flight.config;
            boolean certain = !flight.voided()
                    && (inForce
                            || flight.offers.stream()
                                    .allMatch(offer -> parts.judge.inLedger(offer.view, flight.configSequence)));
            answers.give(flight.offers, certain ? null : answers.unknownOutcome());
        }
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
        while (flights.size() < FLIGHTS_MAX && mayLaunch()) {
            List<Offer> ready = drain();
            if (ready.isEmpty()) {
                break;
            }
            if (ready.getFirst().content().size() > Records.CONTENT_BYTES_MAX) {
                launchLarge(ready.getFirst());
            } else {
                launch(ready);
            }
        }
        tickSoon();
    }

    /// Whether the next record would be judged by the config that it will meet, as far as this gate knows.
    private boolean mayLaunch() {
        if (!flights.isEmpty() && flights.getFirst().configSequence != configSequence) {
            return false;
        }
        intake.lineUp();
        return flights.isEmpty() || !flights.getLast().config;
    }

    /// The envelopes of the next record: judged ones from the head of the intake, a large one or a config alone.
    private List<Offer> drain() {
        List<Offer> ready = new ArrayList<>();
        long bytes = 0;
        for (Offer offer = intake.peek(); offer != null; offer = intake.peek()) {
            Offer.Verdict verdict = offer.verdict();
            if (verdict == null) {
                break;
            }
            if (verdict.outdated(configSequence)) {
                judgeAgain();
                break;
            }
            boolean alone = verdict.configures();
            bytes += offer.bytes();
            if (!ready.isEmpty() && (alone || bytes > BATCH_BYTES_MAX || ready.size() >= BATCH_MAX)) {
                break;
            }
            intake.poll();
            if (verdict.refusal().isPresent()) {
                bytes -= offer.bytes();
                answers.give(List.of(offer), verdict.refusal().get());
            } else {
                ready.add(offer);
            }
            if (alone) {
                break;
            }
        }
        return ready;
    }

    private void judgeAgain() {
        intake.forEach(offer -> {
            Offer.Verdict verdict = offer.verdict();
            if (verdict != null && verdict.outdated(configSequence)) {
                offer.unjudged();
                bench.judge(offer);
            }
        });
    }

    private void launch(List<Offer> offers) {
        long sequence = nextSequence++;
        boolean config = configures(offers.getFirst());
        List<ByteString> envelopes = offers.stream().map(Offer::content).toList();
        ByteString record = config
                ? parts.records.config(sequence, configSequence, envelopes.getFirst())
                : parts.records.batch(sequence, configSequence, envelopes);
        add(new Flight(sequence, sequence, new Flight.Content(record, configSequence, config), offers));
    }

    private static boolean configures(Offer offer) {
        Offer.Verdict verdict = offer.verdict();
        return verdict != null && verdict.configures();
    }

    private void launchLarge(Offer offer) {
        long first = nextSequence;
        boolean config = configures(offer);
        List<ByteString> records = parts.records.fragments(first, configSequence, offer.content(), config);
        nextSequence += records.size();
        for (int i = 0; i < records.size(); i++) {
            List<Offer> waits = i == records.size() - 1 ? List.of(offer) : List.of();
            add(new Flight(first + i, first, new Flight.Content(records.get(i), configSequence, config), waits));
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
        land(sequence).ifPresent(flight -> answers.give(flight.offers, refusal));
    }

    /// Takes a record that has its fate from those on their way; the ones before it were applied.
    private Optional<Flight> land(long sequence) {
        resendPause = RESEND_MIN;
        while (!flights.isEmpty() && flights.getFirst().sequence < sequence) {
            answers.give(flights.removeFirst().offers, null);
        }
        boolean here = !flights.isEmpty() && flights.getFirst().sequence == sequence;
        return here ? Optional.of(flights.removeFirst()) : Optional.empty();
    }

    /// A record that no node applied, because it was judged by a config no longer in force.
    private void recall(Flight flight) {
        if (flight.voided() || flight.answered) {
            return;
        }
        List<Offer> again = new ArrayList<>();
        for (Offer offer : flight.offers) {
            if (offer.recalled() > RECALLS_MAX) {
                answers.give(List.of(offer), answers.recalledTooOften());
            } else {
                again.add(offer);
            }
        }
        intake.giveBack(again);
        again.forEach(bench::judge);
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
                    answers.give(flight.offers, answers.unknownOutcome());
                }
            }
            overdue |= !flight.committed && flight.round == round && isOverdue(flight, now);
        }
        if (overdue) {
            trouble();
        }
        answers.give(intake.overdue(now), answers.notOrdered());
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
                answers.give(flight.offers, answers.unknownOutcome());
                flight.makeVoid(parts.records.batch(flight.sequence, flight.configSequence, List.of()));
            }
        }
        trouble();
    }

    private long now() {
        return parts.world.clock().nanos();
    }
}
