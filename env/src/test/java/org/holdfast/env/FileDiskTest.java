package org.holdfast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// On the real file system, with real processes that are killed.
@Timeout(60)
class FileDiskTest {
    private static final int ROUNDS = 12;

    @TempDir
    Path dir;

    private final Disk disk = World.real().disk();

    @Test
    void writesAndReadsAtPositions() {
        Path path = dir.resolve("a");
        try (Disk.DiskFile file = disk.open(path)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), 2);
            file.force();
            assertThat(file.size()).isEqualTo(6);
            ByteBuffer in = ByteBuffer.allocate(10);
            assertThat(file.read(in, 0)).isEqualTo(6);
            assertThat(in.array()).startsWith(0, 0, 1, 2, 3, 4);
            assertThat(file.read(ByteBuffer.allocate(1), 6)).isZero();
            file.truncate(3);
            assertThat(file.size()).isEqualTo(3);
        }
        assertThat(disk.read(path)).containsExactly(0, 0, 1);
    }

    @Test
    void listsSortedAndNothingForNoDirectory() {
        disk.createDirectories(dir.resolve("x/y"));
        disk.replace(dir.resolve("x/b"), new byte[1]);
        disk.replace(dir.resolve("x/a"), new byte[1]);
        assertThat(disk.list(dir.resolve("x")))
                .containsExactly(dir.resolve("x/a"), dir.resolve("x/b"), dir.resolve("x/y"));
        assertThat(disk.list(dir.resolve("none"))).isEmpty();
    }

    @Test
    void deletesAndMoves() {
        disk.createDirectories(dir.resolve("x/y"));
        disk.replace(dir.resolve("x/y/a"), new byte[] {7});
        disk.move(dir.resolve("x/y/a"), dir.resolve("x/b"));
        disk.forceDirectory(dir.resolve("x"));
        assertThat(disk.read(dir.resolve("x/b"))).containsExactly(7);
        disk.delete(dir.resolve("x/none"));
        disk.deleteTree(dir.resolve("x"));
        disk.deleteTree(dir.resolve("x"));
        assertThat(disk.exists(dir.resolve("x"))).isFalse();
    }

    @Test
    void aLinkIsDeletedAndNotWhatItPointsTo() throws IOException {
        Path kept = Files.createDirectory(dir.resolve("kept"));
        Files.write(kept.resolve("a"), new byte[1]);
        Path tree = Files.createDirectory(dir.resolve("tree"));
        Files.createSymbolicLink(tree.resolve("link"), kept);
        disk.deleteTree(tree);
        assertThat(tree).doesNotExist();
        assertThat(kept.resolve("a")).exists();
    }

    @Test
    void everyFaultNamesThePath() {
        Path none = dir.resolve("none/file");
        assertFault(none, () -> disk.read(none));
        assertFault(none, () -> disk.open(none));
        assertFault(none, () -> disk.openRead(none));
        assertFault(none, () -> disk.move(none, dir.resolve("b")));
        assertFault(none, () -> disk.lock(none));
        assertFault(dir.resolve("none"), () -> disk.forceDirectory(dir.resolve("none")));
        assertFault(dir.resolve("none/file.new"), () -> disk.replace(none, new byte[1]));
    }

    @Test
    void notBeingAbleToLookIsNotAbsence() throws IOException {
        Path loop = dir.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        assertFault(loop, () -> disk.exists(loop));
        disk.replace(dir.resolve("file"), new byte[1]);
        assertFault(dir.resolve("file"), () -> disk.list(dir.resolve("file")));
        assertThat(disk.exists(dir.resolve("none/below"))).isFalse();
    }

    @Test
    void freeSpaceIsKnown() {
        assertThat(disk.freeBytes(dir)).isPositive();
    }

    @Test
    void aLockIsOncePerProcessAndGivenBack() throws Exception {
        Path path = dir.resolve("lock");
        Disk.DiskLock lock = disk.lock(path);
        assertFault(path, () -> disk.lock(path));
        lock.close();
        disk.lock(path).close();
    }

    @Test
    void aLockHeldByAnotherProcessIsRefusedUntilItIsKilled() throws Exception {
        Path path = dir.resolve("lock");
        Process child = child("lock", path);
        try {
            awaitReady(child);
            assertFault(path, () -> disk.lock(path));
        } finally {
            child.destroyForcibly().waitFor();
        }
        disk.lock(path).close();
    }

    /// The child replaces the file over and over, each time with one byte repeated; it is killed at a random moment.
    @Test
    @Tag("slow")
    void aKilledWriterLeavesOneContentWhole() throws Exception {
        Random random = new Random(7);
        Path path = dir.resolve("state");
        Frame frame = new Frame("TEST", 1, 1);
        for (int round = 0; round < ROUNDS; round++) {
            Process child = child("replace", path);
            try {
                awaitReady(child);
                boolean ended = child.waitFor(random.nextInt(120_000), TimeUnit.MICROSECONDS);
                assertThat(ended).isFalse();
            } finally {
                child.destroyForcibly().waitFor();
            }
            assertThat(frame.read(disk, path)).isInstanceOfSatisfying(Frame.Verdict.Sound.class, sound -> {
                assertThat(sound.body()).isNotEmpty();
                for (byte b : sound.body()) {
                    assertThat(b).isEqualTo(sound.body()[0]);
                }
            });
        }
    }

    private static void assertFault(Path path, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(DiskFault.class)
                .hasMessageContaining(path.toString())
                .satisfies(e -> assertThat(((DiskFault) e).path()).isEqualTo(path));
    }

    private static Process child(String work, Path path) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DiskChild.class.getName(),
                        work,
                        path.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void awaitReady(Process child) throws IOException {
        BufferedReader out = child.inputReader(StandardCharsets.UTF_8);
        assertThat(out.readLine()).isEqualTo("ready");
    }
}
