package org.holdfast.keyspace;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/// Counts sizes and latencies in 16 bins each, with the bounds that ZanKV's `/stats` has. Counts only grow. Any thread.
///
/// | bin | bytes | time |
/// |---|---|---|
/// | 0 | below 100 | below 1.024 ms |
/// | 1 | 100 to 1,023 | 1.024 to below 2 ms |
/// | n, 2 to 14 | 2^(n-2) to below 2^(n-1) KiB | 2^(n-1) to below 2^n ms |
/// | 15 | 8 MiB and more | 16,384 ms and more |
///
/// 1.024 ms is where bin 0 ends because it ends at 1,024 us; further up a millisecond is 1,000 us.
public final class Bins {
    /// How many there are of each.
    public static final int COUNT = 16;

    private static final int LAST = COUNT - 1;
    private static final int SMALL_BYTES = 100;
    private static final int KIB = 1024;
    private static final int FAST_MICROS = 1024;
    private static final int MILLI = 1000;

    private final AtomicLongArray sizes = new AtomicLongArray(COUNT);
    private final AtomicLongArray latencies = new AtomicLongArray(COUNT);

    /// The counts at a moment.
    ///
    /// @param sizes how many of each size, [#COUNT] of them
    /// @param latencies how many took so long, as many
    public record Reading(long[] sizes, long[] latencies) {}

    /// In which bin a number of bytes counts.
    static int ofBytes(long bytes) {
        if (bytes < SMALL_BYTES) {
            return 0;
        }
        return bytes < KIB ? 1 : Math.min(LAST, log2(bytes / KIB) + 2);
    }

    /// In which bin a time counts.
    static int ofMicros(long micros) {
        return micros < FAST_MICROS ? 0 : Math.min(LAST, log2(micros / MILLI) + 1);
    }

    private static int log2(long positive) {
        return Long.SIZE - 1 - Long.numberOfLeadingZeros(positive);
    }

    void count(long bytes, long nanos) {
        sizes.incrementAndGet(ofBytes(bytes));
        count(nanos);
    }

    /// Counts a time alone.
    void count(long nanos) {
        latencies.incrementAndGet(ofMicros(TimeUnit.NANOSECONDS.toMicros(nanos)));
    }

    Reading reading() {
        return new Reading(array(sizes), array(latencies));
    }

    private static long[] array(AtomicLongArray counts) {
        long[] read = new long[COUNT];
        for (int i = 0; i < COUNT; i++) {
            read[i] = counts.get(i);
        }
        return read;
    }
}
