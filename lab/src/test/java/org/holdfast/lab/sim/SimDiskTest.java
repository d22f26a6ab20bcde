package org.holdfast.lab.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.env.Disk;
import org.holdfast.env.Disk.DiskFile;
import org.holdfast.env.DiskFault;
import org.holdfast.ledger.IndexStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SimDiskTest {
    private static final Path FILE = Path.of("/d/file");
    private static final Path OTHER = Path.of("/d/other");

    private long seed = 1;

    private Host host;
    private SimDisk device;
    private Disk disk;

    @BeforeEach
    void fresh() {
        device = new SimDisk(new Dice(seed++));
        start();
        disk.createDirectories(Path.of("/d"));
        disk.forceDirectory(Path.of("/"));
    }

    private void start() {
        host = new Host("h", new Timeline(new Dice(1)), new Dice(1), device);
        disk = host.disk();
    }

    private void powerLost() {
        host.kill();
        device.crash();
        start();
    }

    private void write(Path path, String text, boolean forced) {
        try (DiskFile file = disk.open(path)) {
            file.truncate(0);
            file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
            if (forced) {
                file.force();
            }
        }
    }

    private String text(Path path) {
        return disk.exists(path) ? new String(disk.read(path), StandardCharsets.US_ASCII) : "absent";
    }

    /// One real thread passes every lock: who would wait for it must not run.
    @Test
    void nothingElseHappensWhileAnIndexIsWritten() throws IOException {
        IndexStore store = SimStore.engine(host, device, new Dice(1)).open(Path.of("/d/index"));
        store.write(batch -> batch.put(new byte[] {1}, new byte[] {2}));
        AtomicInteger others = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            Timeline.Event _ = host.after(i, "other", others::incrementAndGet);
        }
        host.block(() -> {
            for (int i = 0; i < 20; i++) {
                store.flush();
            }
        });
        assertThat(others).hasValue(0);
        host.block(() -> {
            for (int i = 0; i < 20; i++) {
                write(FILE, "a", true);
            }
        });
        assertThat(others).as("forcing any other file lets others happen").hasPositiveValue();
    }

    @Test
    void whatIsWrittenIsReadBack() {
        fresh();
        try (DiskFile file = disk.open(FILE)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 5);
            file.write(ByteBuffer.wrap(new byte[] {9}), 6);
            file.truncate(7);
            file.write(ByteBuffer.wrap(new byte[] {7}), 8);
            assertThat(file.size()).isEqualTo(9);
        }
        assertThat(disk.read(FILE)).containsExactly(0, 0, 0, 0, 0, 1, 9, 0, 7);
    }

    @Test
    void forcedBytesUnderAForcedNameStayWhateverComesAfter() {
        for (int i = 0; i < 200; i++) {
            fresh();
            write(FILE, "old", true);
            disk.forceDirectory(Path.of("/d"));
            try (DiskFile file = disk.open(FILE)) {
                file.write(ByteBuffer.wrap(new byte[2000]), 3);
            }
            powerLost();
            assertThat(text(FILE)).startsWith("old");
        }
    }

    @Test
    void unforcedBytesAreKeptLostCutOrTorn() {
        Set<Integer> sizes = new HashSet<>();
        boolean holes = false;
        for (int i = 0; i < 300; i++) {
            fresh();
            write(FILE, "", true);
            disk.forceDirectory(Path.of("/d"));
            write(FILE, "x".repeat(2000), false);
            powerLost();
            String left = text(FILE);
            sizes.add(left.length());
            holes |= left.matches("(?s)\\x00+x+.*");
        }
        assertThat(sizes).contains(0, 2000).hasSizeGreaterThan(20);
        assertThat(holes).isTrue();
    }

    @Test
    void unforcedNamesMayComeBackOrVanish() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            fresh();
            write(FILE, "one", true);
            disk.forceDirectory(Path.of("/d"));
            write(OTHER, "two", true);
            disk.move(OTHER, FILE);
            powerLost();
            seen.add(text(FILE) + " " + text(OTHER));
        }
        assertThat(seen).containsExactlyInAnyOrder("one absent", "one two", "two absent");
    }

    @Test
    void aReplacedFileIsTheOldOrTheNewOne() {
        Set<String> seen = new HashSet<>();
        for (int calls = 1; calls < 12; calls++) {
            for (int i = 0; i < 30; i++) {
                fresh();
                disk.replace(FILE, "old".getBytes(StandardCharsets.US_ASCII));
                device.crashIn(calls);
                boolean done = replaced();
                powerLost();
                seen.add(text(FILE));
                assertThat(text(FILE)).isIn(done ? Set.of("new") : Set.of("old", "new"));
            }
        }
        assertThat(seen).containsExactlyInAnyOrder("old", "new");
    }

    private boolean replaced() {
        try {
            disk.replace(FILE, "new".getBytes(StandardCharsets.US_ASCII));
            return true;
        } catch (ProcessGone gone) {
            return false;
        }
    }

    @Test
    void aKilledProcessGetsNothingDone() {
        fresh();
        Disk before = disk;
        DiskFile open = disk.open(FILE);
        host.kill();
        assertThatThrownBy(() -> before.exists(FILE)).isInstanceOf(ProcessGone.class);
        assertThatThrownBy(() -> open.write(ByteBuffer.allocate(1), 0)).isInstanceOf(ProcessGone.class);
        start();
        assertThat(disk.read(FILE)).isEmpty();
    }

    @Test
    void aFullDiskTakesPartOfAWriteAndSaysSo() {
        fresh();
        device.full(true);
        assertThatThrownBy(() -> write(FILE, "x".repeat(100), false))
                .isInstanceOf(DiskFault.class)
                .hasMessageContaining("No space left");
        assertThat(text(FILE).length()).isLessThanOrEqualTo(100);
        device.full(false);
        write(FILE, "room", true);
        assertThat(text(FILE)).isEqualTo("room");
    }

    @Test
    void aDiskThatLiesKeepsNothing() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            fresh();
            device.lie();
            write(FILE, "forced", true);
            disk.forceDirectory(Path.of("/d"));
            powerLost();
            seen.add(text(FILE));
        }
        assertThat(seen).contains("absent");
    }

    @Test
    void aLockEndsWithItsProcess() {
        fresh();
        var _ = disk.lock(FILE);
        Host second = new Host("h", new Timeline(new Dice(1)), new Dice(1), device);
        assertThatThrownBy(() -> second.disk().lock(FILE)).isInstanceOf(DiskFault.class);
        host.kill();
        assertThat(second.disk().lock(FILE)).isNotNull();
    }
}
