package org.holdfast.order;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.env.Clock;
import org.holdfast.env.Pool;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// Answers envelopes, and counts those that wait for their answer. Safe from any thread.
final class Answers {
    /// Bytes of envelopes that may wait for their answer.
    static final long OUTSTANDING_BYTES_MAX = 64L << 20;
    /// Envelopes that may wait for their answer.
    static final int OUTSTANDING_MAX = 100_000;

    private final Pool pool;
    private final Clock clock;
    private final OrderFigures figures;
    private final Duration patience;
    private final AtomicInteger outstanding = new AtomicInteger();
    private final AtomicLong outstandingBytes = new AtomicLong();

    Answers(Gate.Parts parts) {
        this.pool = parts.pool();
        this.clock = parts.world().clock();
        this.figures = parts.figures();
        this.patience = parts.patience();
    }

    /// Counts an envelope that came.
    ///
    /// @return why there is no place for it, if so; it is not counted then
    Optional<Refusal> expect(int bytes) {
        boolean tooMany = outstanding.incrementAndGet() > OUTSTANDING_MAX;
        if (outstandingBytes.addAndGet(bytes) > OUTSTANDING_BYTES_MAX || tooMany) {
            release(bytes);
            return Optional.of(Refusal.of(
                    Code.OVERLOADED,
                    "more than %d envelopes or %d MiB wait at this node: send again, with fewer at once",
                    OUTSTANDING_MAX,
                    OUTSTANDING_BYTES_MAX >> 20));
        }
        return Optional.empty();
    }

    int outstanding() {
        return outstanding.get();
    }

    long outstandingBytes() {
        return outstandingBytes.get();
    }

    /// Answers on the pool: what a door does with an answer must not slow the channel's loop.
    ///
    /// @param refusal null = ordered
    void give(List<Offer> offers, @Nullable Refusal refusal) {
        if (offers.isEmpty()) {
            return;
        }
        Runnable work = () -> offers.forEach(offer -> complete(offer, refusal));
        if (!pool.submit(work)) {
            work.run();
        }
    }

    /// Answers here and now.
    void complete(Offer offer, @Nullable Refusal refusal) {
        boolean first = refusal == null
                ? offer.answer.complete(null)
                : offer.answer.completeExceptionally(refusal.asException());
        if (first) {
            release(offer.bytes());
            Offer.Verdict verdict = offer.verdict();
            if (verdict != null && verdict.refusal().isEmpty()) {
                figures.answered(offer.type(), refusal, clock.nanos() - verdict.atNanos());
            }
        }
    }

    private void release(int bytes) {
        outstandingBytes.addAndGet(-bytes);
        outstanding.decrementAndGet();
    }

    Refusal notOrdered() {
        return Refusal.of(
                Code.NO_LEADER,
                "not ordered: the channel had no leader with a quorum for %d s; send again",
                patience.toSeconds());
    }

    Refusal unknownOutcome() {
        return Refusal.of(
                Code.OUTCOME_UNKNOWN,
                "no quorum answered within %d s: the envelope may or may not be ordered later, look for it before"
                        + " sending it again",
                patience.toSeconds());
    }

    Refusal recalledTooOften() {
        return Refusal.of(
                Code.STALE_CONFIG,
                "not ordered: the channel's config changed %d times under the envelope's record; send again",
                Gate.RECALLS_MAX + 1);
    }
}
