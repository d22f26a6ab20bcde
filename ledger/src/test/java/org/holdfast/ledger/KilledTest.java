package org.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that appends is killed; another one opens what it left.
@Tag("slow")
class KilledTest {
    private static final LedgerSettings SETTINGS = new LedgerSettings(200_000, 100_000);
    private static final int ROUNDS = 3;
    private static final int FORCES_PER_ROUND = 12;

    private final World world = World.real();

    @TempDir
    Path directory;

    /// The process: appends without end, tells every height it forced.
    public static final class Appender {
        private Appender() {}

        /// Takes the directory.
        public static void main(String[] arguments) {
            World world = World.real();
            try (Ledger ledger = Ledger.open(world, Path.of(arguments[0]), Chain.CHANNEL, SETTINGS)) {
                StoredBlock last = ledger.tip().orElse(null);
                for (int i = 1; ; i++) {
                    last = Chain.next(last, 3, 2000);
                    ledger.append(last);
                    if (i % 7 == 0) {
                        System.out.println(ledger.force());
                    }
                }
            }
        }
    }

    @Test
    void everythingForcedIsThereAndTheChainIsSound() throws IOException, InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            long forced = killedAfterForcing();
            long height;
            try (Ledger ledger = Ledger.open(world, directory, Chain.CHANNEL, SETTINGS)) {
                height = ledger.height();
                assertThat(height).isGreaterThanOrEqualTo(forced);
                assertThat(ledger.durableHeight()).isGreaterThanOrEqualTo(forced);
                long tip = height - 1;
                assertThat(ledger.transaction(Chain.txId(tip, 2))).contains(new TxPlace(tip, 2));
                assertThat(ledger.transaction(Chain.txId(forced / 2, 0))).contains(new TxPlace(forced / 2, 0));
            }
            LedgerCheck.Report report = LedgerCheck.verify(world, directory);
            assertThat(report.fault()).isEmpty();
            assertThat(report.tail()).isEmpty();
            assertThat(report.height()).isEqualTo(height);
            assertThat(report.index()).isEqualTo(LedgerCheck.IndexState.AGREES);
        }
    }

    /// The last height the process reported before it was killed.
    private long killedAfterForcing() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Appender.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            long forced = 0;
            for (int i = 0; i < FORCES_PER_ROUND; i++) {
                String line = lines.readLine();
                assertThat(line).as("a height from the process").isNotNull();
                forced = Long.parseLong(line);
            }
            // the directory may be looked at while the process writes
            LedgerCheck.Report running = LedgerCheck.verify(world, directory);
            assertThat(running.fault()).isEmpty();
            assertThat(running.height()).isGreaterThanOrEqualTo(forced);
            process.toHandle()
                    .destroyForcibly(); // SIGKILL; unlike the process itself it leaves our end of the pipe open
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                forced = Long.parseLong(line);
            }
            return forced;
        } finally {
            process.destroyForcibly();
        }
    }
}
