package org.holdfast.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.holdfast.state.Command;
import org.junit.jupiter.api.Test;

/// Every bound of ZanKV's bins, from the table of its `/stats`.
class BinsTest {
    private static final long KIB = 1024;

    @Test
    void sizesFallWhereTheTableSays() {
        bytes(0, 0, 99);
        bytes(1, 100, 1023);
        long from = KIB;
        for (int bin = 2; bin <= 14; bin++) {
            bytes(bin, from, 2 * from - 1);
            from *= 2;
        }
        assertThat(from).isEqualTo(8 << 20);
        bytes(15, 8 << 20, Long.MAX_VALUE);
    }

    @Test
    void timesFallWhereTheTableSays() {
        micros(0, 0, 1_023);
        micros(1, 1_024, 1_999);
        long from = 2_000;
        for (int bin = 2; bin <= 14; bin++) {
            micros(bin, from, 2 * from - 1);
            from *= 2;
        }
        assertThat(from).isEqualTo(16_384_000);
        micros(15, 16_384_000, Long.MAX_VALUE);
    }

    @Test
    void countsGrow() {
        Bins bins = new Bins();
        bins.count(100, TimeUnit.MILLISECONDS.toNanos(3));
        bins.count(100, TimeUnit.MICROSECONDS.toNanos(1_024));
        bins.count(TimeUnit.MICROSECONDS.toNanos(1_024) - 1);
        Bins.Reading reading = bins.reading();
        assertThat(reading.sizes()).hasSize(16).startsWith(0, 2, 0);
        assertThat(reading.latencies()).hasSize(16).startsWith(1, 1, 1, 0);
    }

    @Test
    void aCommandsSizeIsThatOnTheWire() {
        assertThat(ShardCounts.wireBytes(Command.of("GET", "k"))).isEqualTo("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n".length());
        String long100 = "x".repeat(100);
        assertThat(ShardCounts.wireBytes(Command.of("SET", "", long100)))
                .isEqualTo(("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$100\r\n" + long100 + "\r\n").length());
    }

    private static void bytes(int bin, long first, long last) {
        assertThat(Bins.ofBytes(first)).as("%d bytes", first).isEqualTo(bin);
        assertThat(Bins.ofBytes(last)).as("%d bytes", last).isEqualTo(bin);
    }

    private static void micros(int bin, long first, long last) {
        assertThat(Bins.ofMicros(first)).as("%d us", first).isEqualTo(bin);
        assertThat(Bins.ofMicros(last)).as("%d us", last).isEqualTo(bin);
    }
}
