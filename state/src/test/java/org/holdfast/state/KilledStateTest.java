package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that applies blocks is killed; another one goes on where it was, and comes to what an undisturbed one
/// comes to.
@Tag("slow")
class KilledStateTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final int ROUNDS = 3;
    private static final int BLOCKS_PER_ROUND = 300;

    @TempDir
    Path directory;

    /// The process: applies blocks without end, tells each.
    public static final class Applier {
        private Applier() {}

        /// Takes the directory.
        public static void main(String[] arguments) throws IOException {
            try (StateRig rig = StateRig.open(Path.of(arguments[0]), NOW)) {
                while (true) {
                    next(rig);
                    System.out.println(rig.state().appliedBlock());
                }
            }
        }
    }

    /// The commands of a block follow from its number.
    private static void next(StateRig rig) {
        long block = rig.state().appliedBlock() + 1;
        rig.apply(List.of(
                Command.of("INCR", "blocks"),
                Command.of("APPEND", "log" + block % 10, "block " + block),
                Command.of("SET", "of" + block, "x".repeat((int) (block % 100)), "PX", "1"),
                Command.of("DEL", "of" + (block - 5))));
    }

    @Test
    void whatWasAppliedIsThereAndTheRestGoesOn() throws IOException, InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            long told = killedAfterTelling();
            try (StateRig rig = StateRig.open(directory.resolve("killed"), NOW)) {
                assertThat(rig.state().appliedBlock()).isGreaterThanOrEqualTo(told);
                assertThat(rig.ask("GET", "blocks"))
                        .isEqualTo(Reply.bulk(Long.toString(rig.state().appliedBlock() + 1)));
                assertThat(rig.state().digest()).hasValue(rig.state().recount());
            }
        }
        try (StateRig killed = StateRig.open(directory.resolve("killed"), NOW);
                StateRig calm = StateRig.open(directory.resolve("calm"), NOW)) {
            while (calm.state().appliedBlock() < killed.state().appliedBlock()) {
                next(calm);
            }
            int all = (int) calm.state().appliedBlock() + 1;
            assertThat(killed.state().digests(0, all)).isEqualTo(calm.state().digests(0, all));
        }
    }

    /// The last block the process told of before it was killed.
    private long killedAfterTelling() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Applier.class.getName(),
                        directory.resolve("killed").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            long told = -1;
            for (int i = 0; i < BLOCKS_PER_ROUND; i++) {
                String line = lines.readLine();
                assertThat(line).as("a block from the process").isNotNull();
                told = Long.parseLong(line);
            }
            // SIGKILL; unlike the process itself it leaves our end of the pipe open
            process.toHandle().destroyForcibly();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                told = Long.parseLong(line);
            }
            return told;
        } finally {
            process.destroyForcibly();
        }
    }
}
