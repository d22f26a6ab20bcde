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
    /// @param lost acknowledged and in no block
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
            long blocks) {}

    public boolean passed() {
        return faults.isEmpty();
    }
}
