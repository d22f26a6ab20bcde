package org.holdfast.lab.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.drill.Author;
import org.holdfast.drill.Sandbox;
import org.holdfast.drill.SandboxNode;
import org.holdfast.drill.SandboxPlan;
import org.holdfast.env.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes that lose their disk, or what they need of the log, come back.
@Tag("slow")
class ReseatTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    /// Of 2 MB; a file of the log has 64.
    private static final int PIECES_MAX = 120;

    @Test
    void wipedNodesComeBackOneAfterTheOtherAsNextIncarnations(@TempDir Path directory) {
        try (Sandbox sandbox = Sandbox.create(World.real(), directory.resolve("sandbox"), SandboxPlan.THREE);
                Author author = Author.of(sandbox)) {
            sandbox.up();
            Writes.send(author, sandbox.node(1), 200, 200);
            for (SandboxNode wiped : List.of(sandbox.node(1), sandbox.node(2))) {
                String before = wiped.state().orElseThrow().member();
                wiped.stop();
                World.real().disk().deleteTree(wiped.dataDirectory());
                World.real().disk().createDirectories(wiped.dataDirectory());
                wiped.start();
                sandbox.await(
                        "control socket",
                        LONG,
                        () -> wiped.state()
                                .filter(state -> state.ports().raft() != 0)
                                .isPresent());
                assertThat(wiped.join(sandbox.genesis())).isEmpty();
                sandbox.awaitHealthy(LONG);
                sandbox.await(
                        "a seat",
                        LONG,
                        () -> wiped.state()
                                .flatMap(state -> state.channel(Sandbox.CHANNEL))
                                .filter(channel -> !channel.role().equals("observer"))
                                .isPresent());
                String now = wiped.state().orElseThrow().member();
                assertThat(before).endsWith(".1");
                assertThat(now).isEqualTo(before.substring(0, before.length() - 1) + "2");
                sandbox.await("the gate of the wiped node", LONG, () -> Writes.accepted(author, wiped));
            }
            Writes.send(author, sandbox.node(3), 200, 200);
            assertThat(Writes.faultsOfStopped(sandbox)).isEmpty();
        }
    }

    @Test
    void aNodeThatWasDownWhileTheLogForgotCatchesUpFromBlocks(@TempDir Path directory) {
        SandboxPlan forgetful = SandboxPlan.THREE.withSnapshotInterval(256 << 10);
        try (Sandbox sandbox = Sandbox.create(World.real(), directory.resolve("sandbox"), forgetful);
                Author author = Author.of(sandbox)) {
            sandbox.up();
            SandboxNode down = sandbox.others(sandbox.awaitLeader(LONG)).getFirst();
            List<SandboxNode> up = sandbox.others(down);
            down.stop();
            for (int i = 0; !up.stream().allMatch(ReseatTest::hasForgotten); i++) {
                assertThat(i).as("pieces written, and not forgotten").isLessThan(PIECES_MAX);
                assertThat(Writes.send(author, up.getFirst(), 20, 100_000)).allMatch(answer -> answer.isSuccess());
            }
            down.start();
            sandbox.awaitHealthy(LONG);
            sandbox.awaitEqualHeight(LONG);
            assertThat(Writes.accepted(author, down)).isTrue();
            assertThat(down.output()).content().contains("Catching up from block");
            assertThat(Writes.faultsOfStopped(sandbox)).isEmpty();
        }
    }

    /// The engine forgets in whole files: the one that begins with the log's first entry is gone.
    private static boolean hasForgotten(SandboxNode node) {
        try (Stream<Path> files = Files.walk(node.dataDirectory().resolve("log"))) {
            List<String> segments = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("log_"))
                    .toList();
            assertThat(segments).isNotEmpty();
            return segments.stream().noneMatch(name -> name.startsWith("log_0-") || name.equals("log_inprogress_0"));
        } catch (UncheckedIOException | NoSuchFileException e) {
            return false; // a file was renamed or deleted under the walk
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
