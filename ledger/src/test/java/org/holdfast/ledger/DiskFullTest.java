package org.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On a real small file system; mounting one needs root, without it the tests are skipped and say so.
class DiskFullTest {
    private static final int SIZE_MIB = 16;
    private static final int COARSE = 256 << 10;
    private static final int PAGE = 4096;

    private final World world = World.real();

    @TempDir
    Path parent;

    private Path mounted;
    private Path filler;

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        mounted = Files.createDirectory(parent.resolve("small"));
        filler = mounted.resolve("filler");
        boolean done = run("mount", "-t", "tmpfs", "-o", "size=" + SIZE_MIB + "m", "none", mounted.toString());
        assumeThat(done).as("mounting a tmpfs (needs root)").isTrue();
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        run("umount", mounted.toString());
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }

    /// Leaves a number of bytes free.
    private void fill(long free) {
        byte[] zeros = new byte[COARSE];
        try (Disk.DiskFile file = world.disk().open(filler)) {
            long at = 0;
            for (long left = left(free); left > 0; left = left(free)) {
                int count = left > COARSE ? COARSE : PAGE;
                file.write(ByteBuffer.wrap(zeros, 0, count), at);
                at += count;
            }
        }
    }

    private long left(long free) {
        return world.disk().freeBytes(mounted) - free;
    }

    @Test
    void appendingGoesOnAtTheSameHeightWhenThereIsRoomAgain() {
        Path directory = mounted.resolve("ledger");
        StoredBlock last = Chain.next(null, 4, 10_000);
        try (Ledger ledger = Ledger.open(world, directory, Chain.CHANNEL, new LedgerSettings(100_000, 0))) {
            ledger.append(last);
            // every amount of room up to a record and a segment header, so every kind of part is left behind
            for (int round = 0; round < 14; round++) {
                fill(round * (long) PAGE);
                StoredBlock next = Chain.next(last, 4, 10_000);
                while (appended(ledger, next)) {
                    last = next;
                    next = Chain.next(last, 4, 10_000);
                }
                long height = next.number();
                StoredBlock refused = next;
                assertThat(ledger.height()).isEqualTo(height);
                assertThatThrownBy(() -> ledger.append(refused)).isInstanceOf(DiskFault.class);
                assertThat(ledger.block(height - 1)).isEqualTo(last);
                world.disk().delete(filler);
                ledger.append(refused);
                last = refused;
            }
            assertThat(ledger.force()).isEqualTo(last.number() + 1);
        }
        assertThat(LedgerCheck.verify(world, directory).sound()).isTrue();
        try (Ledger ledger = Ledger.open(world, directory, Chain.CHANNEL, LedgerSettings.DEFAULT)) {
            assertThat(ledger.height()).isEqualTo(last.number() + 1);
            assertThat(ledger.tip()).contains(last);
        }
    }

    private static boolean appended(Ledger ledger, StoredBlock block) {
        try {
            ledger.append(block);
            return true;
        } catch (DiskFault full) {
            return false;
        }
    }

    @Test
    void anIndexThatCouldNotBeWrittenHealsWhenThereIsRoomAgain() {
        Path directory = mounted.resolve("ledger");
        StoredBlock last = Chain.next(null, 100, 10);
        try (Ledger ledger = Ledger.open(world, directory, Chain.CHANNEL, LedgerSettings.DEFAULT)) {
            ledger.append(last);
            for (int i = 0; i < 20; i++) {
                last = Chain.next(last, 100, 10);
                ledger.append(last);
            }
            fill(0);
            assertThatThrownBy(ledger::force).isInstanceOf(DiskFault.class);
            assertThat(ledger.durableHeight()).isZero();
            world.disk().delete(filler);
            StoredBlock next = Chain.next(last, 1, 10);
            ledger.append(next);
            assertThat(ledger.force()).isEqualTo(22);
            assertThat(ledger.transaction(Chain.txId(7, 50))).contains(new TxPlace(7, 50));
            assertThat(ledger.numberOf(last.header().hash())).hasValue(20);
        }
        assertThat(LedgerCheck.verify(world, directory).index()).isEqualTo(LedgerCheck.IndexState.AGREES);
    }
}
