package org.holdfast.drill;

import java.util.List;
import java.util.Optional;
import org.holdfast.env.World;

/// The drills there are.
public final class Drills {
    private static final List<Drill> ALL = List.of(
            new LeaderDies(),
            new FollowerReturns(),
            new AllDie(),
            new CutInHalf(),
            new SlowLink(),
            new PausedNode(),
            new FullDisk(),
            new TornTail(),
            new WipedNode(),
            new ClockJump());

    private Drills() {}

    /// All, in the order in which they are told of and run.
    public static List<Drill> all() {
        return ALL;
    }

    /// The drill of a name.
    public static Optional<Drill> named(String name) {
        return ALL.stream().filter(drill -> drill.name().equals(name)).findFirst();
    }

    /// Why a drill cannot be run on this machine, and what to do about it; empty when it can.
    public static Optional<String> obstacle(World world, Drill drill) {
        return drill.needs().stream()
                .map(need -> need.lacking(world))
                .flatMap(Optional::stream)
                .findFirst();
    }
}
