package org.holdfast.lab.drill;

/// A bug that a drill must see, and what it must say of it.
enum Plant {
    /// The gate answers SUCCESS when it has put an envelope into a record, before anybody has the record.
    EARLY_ACKNOWLEDGEMENT("was acknowledged and is in no block"),
    /// Every record goes into the log twice. No bug: the cutter drops the copy.
    DOUBLE_SUBMIT(""),
    /// The same, and the cutter does not look whether it has seen a record.
    DOUBLE_APPLY("is ordered twice"),
    /// A node that starts again skips the first records behind its newest block.
    LOST_TAIL(" blocks, node"),
    /// One envelope of 64 is left out of its block, on every node alike.
    DROPPED_ENVELOPE("was acknowledged and is in no block"),
    /// A leader whose clock is off keeps leading.
    DEAF_TO_CLOCKS("no another leader"),
    /// Node 3 takes what was judged by a former config as if that were still in force.
    LATE_CONFIG("differs between");

    private final String symptom;

    Plant(String symptom) {
        this.symptom = symptom;
    }

    /// Part of a fault in the verdict; empty when there must be none.
    String symptom() {
        return symptom;
    }
}
