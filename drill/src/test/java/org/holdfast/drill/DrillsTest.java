package org.holdfast.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.holdfast.drill.DrillResult.Judgement;
import org.holdfast.env.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every drill on real nodes: every promise is kept, and nothing is left of the sandbox.
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class DrillsTest {
    private static final List<String> LEADER_STAYS = List.of("follower-dies-and-returns", "slow-link", "wiped-node");

    @TempDir
    Path directory;

    static Stream<String> names() {
        return Drills.all().stream().map(Drill::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void promisesHold(String name) throws IOException {
        World world = World.real();
        Drill drill = Drills.named(name).orElseThrow();
        Optional<String> obstacle = Drills.obstacle(world, drill);
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));

        DrillResult result = Rehearsal.run(
                world,
                drill,
                DrillOrder.usual().in(directory).lasting(1),
                line -> System.out.println(name + ": " + line));
        Filing.summary(result).forEach(System.out::println);

        assertThat(result.reasons()).isEmpty();
        assertThat(result.verdict()).isEqualTo(Judgement.PASSED);
        DrillResult.Figures figures = result.figures();
        assertThat(figures.counts().acknowledged()).isGreaterThan(20);
        assertThat(figures.counts().lost()).isZero();
        assertThat(figures.counts().duplicated()).isZero();
        assertThat(figures.headersEqual()).isTrue();
        assertThat(figures.serviceGapMillis()).isPositive();
        assertThat(figures.backInServiceMillis()).isNotNegative();
        if (!LEADER_STAYS.contains(name)) {
            assertThat(figures.newLeaderMillis()).isNotEmpty().allMatch(millis -> millis >= 0);
        }
        assertThat(figures.phases()).extracting(DrillResult.Phase::name).containsExactly("before", "fault", "after");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
        assertThat(Files.readString(mounts())).doesNotContain(directory.toString());
        String markdown = Filing.of(world, List.of(result), true).markdown();
        assertThat(markdown).startsWith("# Holdfast drills: PASSED").contains("## " + name, "applied twice");
    }

    private static Path mounts() {
        Path mounts = Path.of("/proc/self/mounts");
        return Files.exists(mounts) ? mounts : Path.of("/dev/null");
    }
}
