package org.holdfast.state;

import org.jspecify.annotations.Nullable;

/// A range with both ends, none of them negative.
record Span(long first, long last) {
    /// What Redis means by two places in something of a length, negative ones counted from the end. Null when that is
    /// nothing.
    static @Nullable Span of(long start, long end, long length) {
        return start < 0 && end < 0 && start > end ? null : clamped(start, end, length);
    }

    /// The same for commands that move both ends into the thing before they compare them: BITPOS.
    static @Nullable Span clamped(long start, long end, long length) {
        long first = Math.max(0, start < 0 ? start + length : start);
        long last = Math.min(length - 1, Math.max(0, end < 0 ? end + length : end));
        return first > last || length == 0 ? null : new Span(first, last);
    }

    long length() {
        return last - first + 1;
    }
}
