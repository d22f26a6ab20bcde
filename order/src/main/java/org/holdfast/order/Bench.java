package org.holdfast.order;

import org.holdfast.env.Pool;
import org.holdfast.env.World;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has envelopes judged on the pool. Safe from any thread; an envelope is judged by one at a time.
final class Bench {
    private static final Logger LOG = LoggerFactory.getLogger(Bench.class);

    private final World world;
    private final Pool pool;
    private final Gate.Judge judge;
    private final OrderFigures figures;
    private final Runnable judged;

    /// @param judged run whenever an envelope has its verdict
    Bench(Gate.Parts parts, Runnable judged) {
        this.world = parts.world();
        this.pool = parts.pool();
        this.judge = parts.judge();
        this.figures = parts.figures();
        this.judged = judged;
    }

    /// Sees to it that an envelope gets a verdict soon.
    void judge(Offer offer) {
        if (!pool.submit(() -> decide(offer))) {
            offer.judged(Offer.Verdict.refused(
                    Refusal.of(Code.OVERLOADED, "this node checks no more signatures now: send again")));
            judged.run();
        }
    }

    private void decide(Offer offer) {
        long began = world.clock().nanos();
        try {
            Gate.Judgement judgement = judge.judge(offer.view);
            long ended = world.clock().nanos();
            figures.judged(offer.type(), judgement.refusal(), ended - began);
            offer.judged(new Offer.Verdict(judgement, ended));
        } catch (RuntimeException e) { // boundary: no envelope may stop the ones behind it, whatever is in it
            LOG.error("An envelope cannot be judged", e);
            offer.judged(Offer.Verdict.refused(
                    Refusal.of(Code.MALFORMED_ENVELOPE, "the envelope cannot be judged: %s", Decode.reason(e))));
        }
        judged.run();
    }
}
