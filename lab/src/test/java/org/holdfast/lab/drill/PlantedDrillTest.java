package org.holdfast.lab.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.holdfast.drill.Drill;
import org.holdfast.drill.DrillOrder;
import org.holdfast.drill.DrillResult;
import org.holdfast.drill.Drills;
import org.holdfast.drill.Filing;
import org.holdfast.drill.Rehearsal;
import org.holdfast.env.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The operator's drills fail, too: whichever figure a planted bug spoils.
@Tag("slow")
class PlantedDrillTest {
    @ParameterizedTest
    @CsvSource({"leader-dies, DROPPED_ENVELOPE", "paused-node, DOUBLE_APPLY", "clock-jump, DEAF_TO_CLOCKS"})
    void anOperatorsDrillSeesAPlantedBug(String name, Plant plant, @TempDir Path directory) throws IOException {
        Drill drill = Drills.named(name).orElseThrow();
        Optional<String> obstacle = Drills.obstacle(World.real(), drill);
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
        DrillOrder order = DrillOrder.usual()
                .in(directory)
                .lasting(1)
                .within(plant == Plant.DEAF_TO_CLOCKS ? Duration.ofSeconds(20) : DrillOrder.PATIENCE)
                .withJvmOptions(List.of("-javaagent:" + PlantedBugTest.agent(directory) + "=" + plant.name()));
        DrillResult result = Rehearsal.run(World.real(), drill, order, System.out::println);
        Filing.summary(result).forEach(System.out::println);
        assertThat(result.verdict()).isEqualTo(DrillResult.Judgement.FAILED);
        assertThat(result.reasons()).anySatisfy(reason -> assertThat(reason).contains(plant.symptom()));
        assertThat(Path.of(result.logs(), "node1", "node.log")).content().contains("planted in");
    }
}
