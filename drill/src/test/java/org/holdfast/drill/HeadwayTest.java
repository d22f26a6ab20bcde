package org.holdfast.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.env.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class HeadwayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    /// A node that is long in starting says so line by line.
    private static final String STARTING = "for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 1; done; exec sleep 100";

    @TempDir
    Path directory;

    @Test
    void aNodeIsLostWhenItStandsStillAndNotWhenItTakesLong() {
        SandboxNode.Place place = new SandboxNode.Place("node1", directory, 1, directory.resolve("node1.sock"));
        SandboxNode node = new SandboxNode(place, List.of("/bin/sh", "-c", STARTING));
        try {
            node.start();
            Headway headway = new Headway(World.real(), List.of(node), false, PATIENCE);
            AtomicReference<String> lost = new AtomicReference<>("");
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                Optional<String> now = headway.lost();
                now.ifPresent(lost::set);
                return now.isPresent();
            });
            assertThat(lost.get()).isEqualTo("node1 has not moved for 4 s");
            assertThat(node.output()).content().contains("line 8");
        } finally {
            node.end();
        }
    }
}
