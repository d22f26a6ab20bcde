package org.holdfast.lab.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.drill.ConfigDrill;
import org.holdfast.drill.Sandbox;
import org.holdfast.drill.SandboxPlan;
import org.holdfast.env.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Fifty config changes on three node processes under load, with kill -9 and transfers of leadership between them:
/// nothing acknowledged is lost, and every node has the same blocks and so the same config at each of them.
@Tag("slow")
class ConfigUnderLoadTest {
    @TempDir
    Path directory;

    @Test
    void fiftyChangesUnderLoadAndFaults() {
        try (Sandbox sandbox = Sandbox.create(World.real(), directory.resolve("sandbox"), SandboxPlan.THREE)) {
            sandbox.up();
            ConfigDrill.Outcome outcome = ConfigDrill.run(sandbox, ConfigDrill.Plan.FIFTY, System.out::println);
            System.out.println(outcome);
            assertThat(outcome.verdict().faults()).isEmpty();
            assertThat(outcome.changed() + outcome.unknown()).isGreaterThanOrEqualTo(50);
            assertThat(outcome.changed()).isGreaterThan(40);
            assertThat(outcome.kills()).isGreaterThanOrEqualTo(5);
            assertThat(outcome.transfers()).isGreaterThanOrEqualTo(5);
            assertThat(outcome.verdict().counts().acknowledged()).isGreaterThan(1000);
        }
    }

    /// Shown to see something: one node goes by the former config for what was judged by it.
    @Test
    void aNodeThatAppliesAConfigTooLateIsSeen() throws IOException {
        SandboxPlan planted = SandboxPlan.THREE.withJvmOptions(
                List.of("-javaagent:" + PlantedBugTest.agent(directory) + "=" + Plant.LATE_CONFIG));
        try (Sandbox sandbox = Sandbox.create(World.real(), directory.resolve("sandbox"), planted)) {
            sandbox.up();
            ConfigDrill.Plan calm = new ConfigDrill.Plan(12, 100, 6, 600, 1);
            ConfigDrill.Outcome outcome = ConfigDrill.run(sandbox, calm, System.out::println);
            assertThat(outcome.verdict().faults())
                    .anySatisfy(fault -> assertThat(fault).contains("differs between"));
        }
    }
}
