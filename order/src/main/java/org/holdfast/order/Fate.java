package org.holdfast.order;

/// What the cutter made of a record.
enum Fate {
    /// Its envelopes are taken: they are in a block or will be in the next one.
    APPLIED,
    /// It was applied before; this copy counts for nothing.
    DUPLICATE,
    /// A record of the same origin before it has not been applied: the origin sends again from there.
    GAP,
    /// Its origin holds no seat now.
    FOREIGN,
    /// A later start of the same origin has written already.
    STALE_EPOCH,
    /// Judged by a config that is no longer in force: its gate judges it again.
    STALE_CONFIG,
    /// A config that may not follow the one in force.
    REFUSED,
    /// A fragment whose other parts are gone, or a takeover whose conditions do not hold.
    DROPPED
}
