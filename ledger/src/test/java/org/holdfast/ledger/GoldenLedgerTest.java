package org.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.holdfast.env.World;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `golden/v1` was written by the first version of the format and must stay readable.
class GoldenLedgerTest {
    private static final LedgerSettings SETTINGS = new LedgerSettings(4096, 0);

    private final World world = World.real();

    @TempDir
    Path directory;

    private static List<StoredBlock> chain() {
        return Chain.of(12, 2, 100);
    }

    /// Writes the golden directory of the present version.
    public static void main(String[] arguments) {
        try (Ledger ledger = Ledger.open(World.real(), Path.of(arguments[0]), Chain.CHANNEL, SETTINGS)) {
            chain().forEach(ledger::append);
        }
    }

    @BeforeEach
    void copy() throws IOException, URISyntaxException {
        Path golden = Path.of(Objects.requireNonNull(GoldenLedgerTest.class.getResource("/golden/v1"))
                .toURI());
        try (Stream<Path> paths = Files.walk(golden)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                Path to = directory.resolve(golden.relativize(path).toString());
                Files.createDirectories(Objects.requireNonNull(to.getParent()));
                Files.copy(path, to);
            }
        }
    }

    @Test
    void version1IsReadWithItsIndexAndContinued() {
        LedgerCheck.Report report = LedgerCheck.verify(world, directory);
        assertThat(report.fault()).isEmpty();
        assertThat(report.index()).isEqualTo(LedgerCheck.IndexState.AGREES);
        try (Ledger ledger = Ledger.open(world, directory, Chain.CHANNEL, SETTINGS)) {
            LedgerTest.agrees(ledger, chain());
            assertThat(ledger.durableHeight()).isEqualTo(12);
            ledger.append(Chain.next(chain().getLast(), 1, 10));
        }
    }

    @Test
    void theBytesLieWhereTheFormatSays() throws IOException {
        StoredBlock first = chain().getFirst();
        ByteBuffer file =
                ByteBuffer.wrap(Files.readAllBytes(directory.resolve("blocks").resolve("000000.blk")));
        byte[] word = new byte[4];
        file.get(0, word);
        assertThat(word).asString().isEqualTo("HFST");
        file.get(4, word);
        assertThat(word).asString().isEqualTo("BLKS");
        assertThat(file.getInt(8)).isEqualTo(1);
        assertThat(file.getInt(12)).isEqualTo(32 + "ch1".length() + 4);
        assertThat(file.getLong(16)).isZero();
        int record = file.getInt(12);
        file.get(record, word);
        assertThat(word).asString().isEqualTo("HFBR");
        assertThat(file.getLong(record + 8)).isZero();
        assertThat(file.getInt(record + 16)).isEqualTo(first.size());
        byte[] body = new byte[first.size()];
        file.get(record + 28, body);
        assertThat(body).isEqualTo(first.bytes().toByteArray());
    }
}
