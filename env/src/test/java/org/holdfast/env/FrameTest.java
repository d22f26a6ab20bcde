package org.holdfast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.holdfast.env.Frame.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Golden bytes: `frame-v1.hex` was put together by hand, its checksum computed with a bitwise CRC-32C in another
/// language.
class FrameTest {
    private static final byte[] BODY = "seat 0123456789abcdef.7".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path dir;

    private final Disk disk = World.real().disk();

    @Test
    void readsBackWhatWasWritten() {
        Path path = dir.resolve("a");
        new Frame("TEST", 1, 3).write(disk, path, BODY);
        assertThat(new Frame("TEST", 1, 3).read(disk, path)).isInstanceOfSatisfying(Verdict.Sound.class, sound -> {
            assertThat(sound.version()).isEqualTo(3);
            assertThat(sound.body()).isEqualTo(BODY);
        });
    }

    @Test
    void anEmptyBodyIsABody() {
        Path path = dir.resolve("a");
        new Frame("TEST", 1, 1).write(disk, path, new byte[0]);
        assertThat(new Frame("TEST", 1, 1).read(disk, path))
                .isInstanceOfSatisfying(
                        Verdict.Sound.class, sound -> assertThat(sound.body()).isEmpty());
    }

    @Test
    void aMissingFileIsAbsent() {
        assertThat(new Frame("TEST", 1, 1).read(disk, dir.resolve("no"))).isInstanceOf(Verdict.Absent.class);
    }

    @Test
    void writesTheGoldenBytes() throws IOException {
        Path path = dir.resolve("a");
        new Frame("MARK", 1, 1).write(disk, path, BODY);
        assertThat(Files.readAllBytes(path)).isEqualTo(golden());
    }

    @Test
    void readsTheGoldenBytes() throws IOException {
        Path path = dir.resolve("a");
        Files.write(path, golden());
        assertThat(new Frame("MARK", 1, 9).read(disk, path))
                .isInstanceOfSatisfying(
                        Verdict.Sound.class, sound -> assertThat(sound.body()).isEqualTo(BODY));
    }

    @Test
    void everyFlippedBitIsCorrupt() throws IOException {
        Path path = dir.resolve("a");
        byte[] sound = golden();
        for (int bit = 0; bit < sound.length * 8; bit++) {
            byte[] bad = sound.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(path, bad);
            assertThat(new Frame("MARK", 1, 1).read(disk, path))
                    .as("bit %d", bit)
                    .isInstanceOf(Verdict.Corrupt.class);
        }
    }

    @Test
    void everyCutAndEveryTailIsCorrupt() throws IOException {
        Path path = dir.resolve("a");
        byte[] sound = golden();
        for (int length = 0; length < sound.length + 8; length++) {
            if (length != sound.length) {
                Files.write(path, Arrays.copyOf(sound, length));
                assertThat(new Frame("MARK", 1, 1).read(disk, path))
                        .as("length %d", length)
                        .isInstanceOf(Verdict.Corrupt.class);
            }
        }
    }

    @Test
    void anotherKindIsCorruptAndSaysWhich() throws IOException {
        Path path = dir.resolve("a");
        Files.write(path, golden());
        assertThat(new Frame("VOTE", 1, 1).read(disk, path))
                .isInstanceOfSatisfying(
                        Verdict.Corrupt.class,
                        corrupt -> assertThat(corrupt.reason()).contains("MARK", "VOTE"));
    }

    @Test
    void otherVersionsHaveVerdictsOfTheirOwn() {
        Path path = dir.resolve("a");
        new Frame("TEST", 1, 2).write(disk, path, BODY);
        assertThat(new Frame("TEST", 3, 4).read(disk, path)).isEqualTo(new Verdict.TooOld(path, 2, 3));
        assertThat(new Frame("TEST", 1, 1).read(disk, path)).isEqualTo(new Verdict.TooNew(path, 2, 1));
        assertThat(new Frame("TEST", 2, 2).read(disk, path)).isInstanceOf(Verdict.Sound.class);
    }

    @Test
    void aKindOfAnotherLengthIsABug() {
        assertThatThrownBy(() -> new Frame("TOOLONG", 1, 1)).isInstanceOf(Invariant.class);
        assertThatThrownBy(() -> new Frame("TÉST", 1, 1)).isInstanceOf(Invariant.class);
        assertThatThrownBy(() -> new Frame("TEST", 2, 1)).isInstanceOf(Invariant.class);
    }

    private static byte[] golden() throws IOException {
        try (InputStream in = FrameTest.class.getResourceAsStream("frame-v1.hex")) {
            assertThat(in).isNotNull();
            return HexFormat.of().parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
        }
    }
}
