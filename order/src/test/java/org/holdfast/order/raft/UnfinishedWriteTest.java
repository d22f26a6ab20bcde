package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/// What a power cut leaves is told from corruption. Entries are framed as Ratis 3.3 wrote them in a drill's log: the
/// entry of 9,324 bytes at offset 140 there ends in the CRC-32C of its two bytes of length and its content.
class UnfinishedWriteTest {
    private static final int PADDING = 4096;

    private final Random random = new Random(7);

    @Test
    void whatWasWrittenWholeStays() {
        assertThat(UnfinishedWrite.in(segment())).isEmpty();
        assertThat(UnfinishedWrite.in(segment(100))).isEmpty();
        assertThat(UnfinishedWrite.in(segment(100, 9000, 8))).isEmpty();
        assertThat(UnfinishedWrite.in(Arrays.copyOf(segment(100), 8 + 1 + 100 + 4)))
                .isEmpty();
        assertThat(UnfinishedWrite.in(new byte[0])).isEmpty();
    }

    @Test
    void anEntryWithSectorsThatWereNeverWrittenIsUnfinished() {
        for (int end : new int[] {512, 1024, 3072, 5120}) {
            byte[] segment = segment(100, 300, 5000);
            int from = 8 + (1 + 100 + 4) + (2 + 300 + 4);
            Arrays.fill(segment, end, segment.length, (byte) 0);
            assertThat(UnfinishedWrite.in(segment)).as("written up to %d", end).hasValue(from);
        }
    }

    @Test
    void anEntryThatPassesTheEndOfTheFileIsUnfinished() {
        byte[] segment = segment(100, 300);
        int from = 8 + 1 + 100 + 4;
        assertThat(UnfinishedWrite.in(Arrays.copyOf(segment, from + 1))).hasValue(from);
        assertThat(UnfinishedWrite.in(Arrays.copyOf(segment, from + 200))).hasValue(from);
    }

    @Test
    void anEntryWhoseFirstSectorNeverCameIsUnfinished() {
        byte[] segment = segment(100, 3000);
        int from = 8 + 1 + 100 + 4;
        Arrays.fill(segment, from, 1024, (byte) 0);
        assertThat(UnfinishedWrite.in(segment)).hasValue(from);
    }

    @Test
    void aWrongByteInASectorThatWasWrittenIsCorruptionAndStays() {
        byte[] last = segment(100, 300);
        last[8 + 1 + 100 + 4 + 50] ^= 1;
        assertThat(UnfinishedWrite.in(last)).isEmpty();
        byte[] middle = segment(100, 300, 5000);
        middle[8 + 20] ^= 1;
        assertThat(UnfinishedWrite.in(middle)).isEmpty();
    }

    @Test
    void aHoleWithMoreBehindItThanOneEntryMayBeLongStays() {
        byte[] segment = segment(5000, 1 << 20, 1 << 20);
        Arrays.fill(segment, 1024, 2048, (byte) 0);
        assertThat(UnfinishedWrite.in(segment)).isEmpty();
    }

    @Test
    void whateverTheBytesTheAnswerLiesInTheSegment() {
        for (int i = 0; i < 2000; i++) {
            byte[] segment = segment(100, 40, 700);
            for (int hits = random.nextInt(4); hits >= 0; hits--) {
                segment[random.nextInt(segment.length)] = (byte) random.nextInt(256);
            }
            byte[] cut = Arrays.copyOf(segment, random.nextInt(segment.length));
            UnfinishedWrite.in(cut).ifPresent(end -> {
                assertThat(end).isBetween(8, cut.length - 1);
                assertThat(UnfinishedWrite.in(Arrays.copyOf(cut, end))).isEmpty();
            });
        }
    }

    private byte[] segment(int... lengths) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("RaftLog1".getBytes(StandardCharsets.US_ASCII));
        for (int length : lengths) {
            out.writeBytes(entry(length));
        }
        out.writeBytes(new byte[PADDING]);
        return out.toByteArray();
    }

    private byte[] entry(int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = length;
        for (; rest > 0x7f; rest >>>= 7) {
            out.write(rest | 0x80);
        }
        out.write(rest);
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = (byte) (1 + random.nextInt(255));
        }
        out.writeBytes(content);
        CRC32C sum = new CRC32C();
        sum.update(out.toByteArray());
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
        return out.toByteArray();
    }
}
