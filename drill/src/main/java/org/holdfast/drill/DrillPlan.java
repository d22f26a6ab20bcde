package org.holdfast.drill;

import java.time.Duration;
import java.util.List;

/// What a drill does.
///
/// @param length of the time with faults; a fault begun in it is carried through
/// @param faultsLeast so many faults are carried out, however long it takes
/// @param seed of the schedule
/// @param faults each comes once in every round; the order in a round follows from the seed
/// @param calm longest quiet time between two faults
/// @param recovery no node stands still so long on its way to being healthy after a fault, and equally high at the end
/// @param clients streams of the load
/// @param ratePerSecond envelopes of all clients together
/// @param payloadBytes of an envelope's data
public record DrillPlan(
        Duration length,
        int faultsLeast,
        long seed,
        List<Fault> faults,
        Duration calm,
        Duration recovery,
        int clients,
        int ratePerSecond,
        int payloadBytes) {
    /// All faults, six clients, 300 envelopes of 200 bytes a second.
    public static final DrillPlan MINUTE = new DrillPlan(
            Duration.ofMinutes(1),
            0,
            1,
            List.of(Fault.values()),
            Duration.ofSeconds(2),
            Duration.ofSeconds(90),
            6,
            300,
            200);

    public DrillPlan {
        faults = List.copyOf(faults);
    }

    /// With another length and seed.
    public DrillPlan with(Duration longer, long other) {
        return new DrillPlan(longer, faultsLeast, other, faults, calm, recovery, clients, ratePerSecond, payloadBytes);
    }

    /// With other faults.
    public DrillPlan only(Fault... some) {
        return new DrillPlan(
                length, faultsLeast, seed, List.of(some), calm, recovery, clients, ratePerSecond, payloadBytes);
    }

    /// With a least number of faults.
    public DrillPlan withFaults(int least) {
        return new DrillPlan(length, least, seed, faults, calm, recovery, clients, ratePerSecond, payloadBytes);
    }
}
