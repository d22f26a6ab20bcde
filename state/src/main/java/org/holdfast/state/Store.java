package org.holdfast.state;

import org.jspecify.annotations.Nullable;

/// Sorted records, as one moment shows them. Keys are compared as unsigned bytes.
interface Store {
    /// A record's value; null when there is none. Not to be changed.
    byte @Nullable [] get(byte[] key);

    /// Visits records upwards from a key (with it) to another (without it).
    void up(byte[] from, byte[] to, Visitor visitor);

    /// Visits the same range downwards: from the last one before `to` to `from` (with it).
    void down(byte[] from, byte[] to, Visitor visitor);

    /// Looks at records. The store is neither changed nor asked meanwhile: collect first, then act.
    @FunctionalInterface
    interface Visitor {
        /// @return whether to go on
        boolean visit(byte[] key, byte[] value);
    }
}
