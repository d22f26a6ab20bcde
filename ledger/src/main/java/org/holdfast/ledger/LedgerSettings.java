package org.holdfast.ledger;

import java.util.ArrayList;
import java.util.List;

/// Local settings of a ledger.
///
/// @param segmentBytes a segment is closed when the next record would take it beyond this size; a larger block gets a
///     segment of its own
/// @param tailBytes bytes of the newest blocks kept in memory for readers at the tip; the newest block is always kept
public record LedgerSettings(long segmentBytes, long tailBytes) {
    /// 64 MiB segments, 4 MiB tail.
    public static final LedgerSettings DEFAULT = new LedgerSettings(64L << 20, 4L << 20);

    static final long SEGMENT_BYTES_MIN = 4096;
    static final long SEGMENT_BYTES_MAX = 1L << 30;
    static final long TAIL_BYTES_MAX = 1L << 30;

    public LedgerSettings {
        List<String> faults = faults(segmentBytes, tailBytes);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", faults));
        }
    }

    /// Everything that is wrong with the values; empty when they are good.
    public static List<String> faults(long segmentBytes, long tailBytes) {
        List<String> faults = new ArrayList<>();
        if (segmentBytes < SEGMENT_BYTES_MIN || segmentBytes > SEGMENT_BYTES_MAX) {
            faults.add("segmentBytes is %d, allowed are %d to %d bytes"
                    .formatted(segmentBytes, SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX));
        }
        if (tailBytes < 0 || tailBytes > TAIL_BYTES_MAX) {
            faults.add("tailBytes is %d, allowed are 0 to %d bytes".formatted(tailBytes, TAIL_BYTES_MAX));
        }
        return faults;
    }
}
