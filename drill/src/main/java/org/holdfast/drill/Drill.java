package org.holdfast.drill;

import java.util.List;

/// One way in which a network may have a bad day, to be rehearsed.
public sealed interface Drill
        permits AllDie,
                ClockJump,
                CutInHalf,
                FollowerReturns,
                FullDisk,
                LeaderDies,
                PausedNode,
                SlowLink,
                TornTail,
                WipedNode {
    /// What operators call it.
    String name();

    /// One line: what happens.
    String summary();

    /// What is wanted of the machine.
    default List<Need> needs() {
        return List.of();
    }

    /// Seconds the fault lasts, when nothing else is said.
    default int seconds() {
        return 4;
    }

    /// Where its nodes live.
    default Ground ground(Site site) {
        return Ground.LOOPBACK;
    }

    /// Does the fault, keeps it up, and takes it back: afterwards every node runs and can become healthy again.
    void carryOut(Scene scene);
}
