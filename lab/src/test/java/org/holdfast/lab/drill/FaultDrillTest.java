package org.holdfast.lab.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.drill.DrillPlan;
import org.holdfast.drill.DrillReport;
import org.holdfast.drill.FaultDrill;
import org.holdfast.drill.Sandbox;
import org.holdfast.drill.SandboxPlan;
import org.holdfast.env.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A minute of every fault, or longer on a slow machine, on three node processes: nothing acknowledged is lost, nothing
/// is applied twice, and all copies are equal.
@Tag("slow")
class FaultDrillTest {
    /// A quiet machine comes to three times as many in the minute.
    private static final int FAULTS = 4;

    @Test
    void promisesHoldThroughEveryFault(@TempDir Path directory) {
        try (Sandbox sandbox = Sandbox.create(World.real(), directory.resolve("sandbox"), SandboxPlan.THREE)) {
            sandbox.up();
            DrillPlan plan = DrillPlan.MINUTE.with(Duration.ofMinutes(1), 4).withFaults(FAULTS);
            DrillReport report = FaultDrill.run(sandbox, plan, System.out::println);
            System.out.println(report.markdown());
            assertThat(report.verdict().faults()).isEmpty();
            assertThat(report.verdict().counts().acknowledged()).isGreaterThan(1000);
            assertThat(report.events()).hasSizeGreaterThanOrEqualTo(FAULTS);
        }
    }
}
