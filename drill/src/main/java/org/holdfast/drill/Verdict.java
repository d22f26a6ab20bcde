package org.holdfast.drill;

import java.util.List;

/// What the ledgers say about the promises that were made.
///
/// @param counts of envelopes and blocks
/// @param equal whether all copies have the same blocks, signatures apart
/// @param faults everything that must not be, in words; the list is cut where it says so
public record Verdict(Counts counts, boolean equal, List<String> faults) {
    public Verdict {
        faults = List.copyOf(faults);
    }

    /// @param sent envelopes, each with an id of its own
    /// @param acknowledged answered with SUCCESS
    /// @param refused answered with a refusal that promises they are not ordered
    /// @param unknown neither; ordered or not
    /// @param lost acknowledged and in no block; -1 = not judged, for the nodes did not come back
    /// @param duplicated copies too many in the ledger
    /// @param ordered envelopes in the ledger
    /// @param blocks block 0 among them
    public record Counts(
            long sent,
            long acknowledged,
            long refused,
            long unknown,
            long lost,
            long duplicated,
            long ordered,
            long blocks) {
        /// Of what was lost, when the nodes did not come back.
        static final long NOT_JUDGED = -1;
    }

    /// The same of nodes that did not come back whole and were ended as they were: what they had in their logs and not
    /// yet in blocks nobody knows, so that nothing is called lost. The texts about single envelopes go.
    Verdict ofStuckNodes() {
        Counts judged = new Counts(
                counts.sent,
                counts.acknowledged,
                counts.refused,
                counts.unknown,
                Counts.NOT_JUDGED,
                counts.duplicated,
                counts.ordered,
                counts.blocks);
        String text = "not all nodes came back: %d acknowledged envelopes are in no block yet, and may be in the logs"
                .formatted(counts.lost);
        return new Verdict(judged, equal, List.of(text));
    }

    public boolean passed() {
        return faults.isEmpty();
    }
}
