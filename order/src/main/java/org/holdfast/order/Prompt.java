package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.env.Clock;

/// The leader's stamp: its time, and whether a block should end with the record. Called on threads of the engine and
/// of the doors; keeps one atomic number.
///
/// A record ends its block when nothing else waits or is on its way and the last prompt cut is `minPromptGap` ago.
/// The stamp is part of the log, so every node cuts alike.
final class Prompt implements OrderedLog.Stamper {
    private final Clock clock;
    private final OrdererSettings settings;
    private final AtomicLong lastCutNanos;
    private volatile Load load = () -> 1;

    /// How busy the leader is.
    interface Load {
        /// Envelopes waiting and records on their way, the one being stamped included.
        int busy();
    }

    Prompt(Clock clock, OrdererSettings settings) {
        this.clock = clock;
        this.settings = settings;
        this.lastCutNanos =
                new AtomicLong(clock.nanos() - settings.minPromptGap().toNanos());
    }

    /// The load is known only once the gate stands.
    void measure(Load now) {
        load = now;
    }

    @Override
    public long timeMillis() {
        return clock.wallMillis();
    }

    @Override
    public boolean cutAfter(ByteString record) {
        if (!settings.promptCutting() || load.busy() > 1) {
            return false;
        }
        long last = lastCutNanos.get();
        long now = clock.nanos();
        return now - last >= settings.minPromptGap().toNanos() && lastCutNanos.compareAndSet(last, now);
    }
}
