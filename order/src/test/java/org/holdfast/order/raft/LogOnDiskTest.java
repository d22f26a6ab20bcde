package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.holdfast.env.World;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A log that ends before its blocks goes; every other log stays. The files are as Ratis 3.3 wrote them in a fault
/// drill: a process killed while it fetched blocks left `log_inprogress_2875` with its last entry at 4555, and blocks
/// up to 4899.
class LogOnDiskTest {
    @TempDir
    Path directory;

    @BeforeEach
    void whatIsNoSegment() throws IOException {
        Files.write(directory.resolve("raft-meta"), new byte[] {1});
        Files.write(directory.resolve("log_0-4"), new byte[] {1});
    }

    @Test
    void aLogThatEndsBeforeTheBlocksIsDropped() throws IOException {
        open(5, 3);
        assertThat(new LogOnDisk(World.real().disk(), directory).dropIfBehind(8))
                .isTrue();
        assertThat(names()).containsExactly("raft-meta");
    }

    @Test
    void aLogThatReachesTheBlocksStays() throws IOException {
        open(5, 3);
        assertThat(new LogOnDisk(World.real().disk(), directory).dropIfBehind(7))
                .isFalse();
        assertThat(names()).containsExactly("log_0-4", "log_inprogress_5", "raft-meta");
    }

    @Test
    void anEntryThatWasNotWrittenToItsEndDoesNotCount() throws IOException {
        Path file = open(5, 3);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, 8 + 3 * 205 - 1));
        assertThat(new LogOnDisk(World.real().disk(), directory).dropIfBehind(7))
                .isTrue();
    }

    @Test
    void aNewChannelHasNothingToDrop() {
        assertThat(new LogOnDisk(World.real().disk(), directory.resolve("none")).dropIfBehind(7))
                .isFalse();
    }

    @Test
    void theLastTermIsThatOfTheLastWholeEntry() throws IOException {
        LogOnDisk log = new LogOnDisk(World.real().disk(), directory);
        assertThat(log.lastTerm()).isZero();
        Files.write(directory.resolve("log_5-6"), segment(3, 4));
        assertThat(log.lastTerm()).isEqualTo(4);
        byte[] open = segment(4, 300, 301);
        Files.write(directory.resolve("log_inprogress_7"), open);
        assertThat(log.lastTerm()).isEqualTo(301);
        Files.write(directory.resolve("log_inprogress_7"), java.util.Arrays.copyOf(open, open.length - 1));
        assertThat(log.lastTerm()).isEqualTo(300);
        Files.write(directory.resolve("log_inprogress_7"), segment());
        assertThat(log.lastTerm()).isEqualTo(4);
    }

    /// Entries as Ratis writes them, of certain terms.
    private static byte[] segment(long... terms) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("RaftLog1".getBytes(StandardCharsets.US_ASCII));
        for (long term : terms) {
            LogEntryProto.newBuilder().setTerm(term).setIndex(9).build().writeDelimitedTo(out);
            out.writeBytes(new byte[4]);
        }
        return out.toByteArray();
    }

    /// Each entry: two bytes of length, 199 of content, four of checksum.
    private Path open(int first, int entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("RaftLog1".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < entries; i++) {
            out.write(0x80 | (199 & 0x7f));
            out.write(199 >>> 7);
            out.writeBytes(new byte[199 + 4]);
        }
        out.writeBytes(new byte[512]);
        return Files.write(directory.resolve("log_inprogress_" + first), out.toByteArray());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
