package org.holdfast.lab.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.holdfast.drill.Author;
import org.holdfast.drill.Sandbox;
import org.holdfast.drill.SandboxNode;
import org.holdfast.drill.SandboxPlan;
import org.holdfast.env.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// A node whose disk fills up stands aside, and comes back by itself when there is space.
@Tag("slow")
@EnabledIfSystemProperty(named = "user.name", matches = "root", disabledReason = "mounting wants root")
class FullDiskTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    @Test
    void aNodeOnAFullDiskComesBackWithoutARestart(@TempDir Path directory) throws Exception {
        try (Sandbox sandbox = Sandbox.create(World.real(), directory.resolve("sandbox"), SandboxPlan.THREE);
                Author author = Author.of(sandbox)) {
            SandboxNode small = sandbox.node(3);
            run(
                    "mount",
                    "-t",
                    "tmpfs",
                    "-o",
                    "size=300m",
                    "tmpfs",
                    small.dataDirectory().toString());
            try {
                sandbox.up();
                assertThat(Writes.accepted(author, sandbox.node(1))).isTrue();
                Path filler = small.dataDirectory().resolve("filler");
                fill(filler);
                sandbox.await("a complaint about the disk", LONG, () -> {
                    Writes.send(author, sandbox.node(1), 20, 50_000);
                    return small.state().filter(state -> !state.healthy()).isPresent();
                });
                assertThat(Writes.accepted(author, sandbox.node(1))).isTrue();
                Files.delete(filler);
                sandbox.awaitHealthy(LONG);
                assertThat(Writes.accepted(author, small)).isTrue();
                assertThat(Writes.faultsOfStopped(sandbox)).isEmpty();
            } finally {
                sandbox.nodes().forEach(SandboxNode::kill);
                run("umount", small.dataDirectory().toString());
            }
        }
    }

    private static void fill(Path filler) {
        byte[] piece = new byte[1 << 20];
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(piece);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("space");
        }
    }

    private static void run(String... words) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(List.of(words)).redirectErrorStream(true).start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(String.join(" ", words)).isZero();
    }
}
