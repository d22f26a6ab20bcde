package org.holdfast.order;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.holdfast.order.Peers.ClockReading;

/// What the members' wall clocks say about this node's.
///
/// The clocks that count are those near the median of all that are known, this node's among them; they must be a
/// majority of the channel's members. With two clocks of three that differ nobody can say which is wrong.
///
/// @param aheadMillis how far this node's clock is ahead of the median
/// @param best seat of the member nearest to the median; empty when none is near it
record ClockVerdict(State state, long aheadMillis, Optional<String> best) {
    /// A clock further from the median is off. Time servers keep a clock within a fraction of a second, so this is a
    /// broken clock, not a bad one.
    static final Duration OFF = Duration.ofSeconds(10);

    enum State {
        /// Near the median.
        FINE,
        /// Far from a median that a majority is near.
        OFF,
        /// The clocks of a majority are known, and no majority agrees.
        DISAGREE,
        /// Too few members answered.
        UNKNOWN
    }

    /// @param others readings of the other members
    /// @param members of the channel, this one among them
    static ClockVerdict of(List<ClockReading> others, int members) {
        List<Long> ahead = new ArrayList<>(List.of(0L));
        others.forEach(reading -> ahead.add(reading.aheadMillis()));
        Collections.sort(ahead);
        long median = ahead.get((ahead.size() - 1) / 2);
        int majority = members / 2 + 1;
        long near = ahead.stream().filter(one -> isNear(one, median)).count();
        Optional<String> best = others.stream()
                .filter(reading -> isNear(reading.aheadMillis(), median))
                .min(Comparator.comparingLong(reading -> Math.abs(reading.aheadMillis() - median)))
                .map(ClockReading::seat);
        State state;
        if (near >= majority) {
            state = isNear(0, median) ? State.FINE : State.OFF;
        } else {
            state = ahead.size() >= majority ? State.DISAGREE : State.UNKNOWN;
        }
        return new ClockVerdict(state, -median, best);
    }

    private static boolean isNear(long ahead, long median) {
        return Math.abs(ahead - median) <= OFF.toMillis();
    }
}
