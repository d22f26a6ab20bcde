package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.env.Clock;

/// The leader's stamp: its time, and whether a block should end with the record. Called on threads of the engine and
/// of the doors; keeps one atomic number.
///
/// A record ends its block when the last prompt cut is long enough ago: `minPromptGap` when little is on its way, and
/// in proportion longer the more there is, until blocks are full before that. The stamp is part of the log, so every
/// node cuts alike.
final class Prompt implements OrderedLog.Stamper {
    /// So many envelopes on their way make the gap one `minPromptGap` longer.
    private static final int BUSY_PER_GAP = 8;

    private final Clock clock;
    private final OrdererSettings settings;
    private final AtomicLong lastCutNanos;
    private volatile Load load = () -> 0;

    /// How busy the leader is.
    interface Load {
        /// Envelopes on their way, about; with or without those of the record that is being stamped.
        long busy();
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
        if (!settings.promptCutting()) {
            return false;
        }
        long last = lastCutNanos.get();
        long now = clock.nanos();
        long gap = settings.minPromptGap().toNanos();
        long needed = gap + gap * load.busy() / BUSY_PER_GAP;
        return now - last >= needed && lastCutNanos.compareAndSet(last, now);
    }
}
