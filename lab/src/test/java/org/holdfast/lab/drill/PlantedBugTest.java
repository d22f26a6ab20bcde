package org.holdfast.lab.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.holdfast.drill.DrillPlan;
import org.holdfast.drill.DrillReport;
import org.holdfast.drill.Fault;
import org.holdfast.drill.FaultDrill;
import org.holdfast.drill.Sandbox;
import org.holdfast.drill.SandboxPlan;
import org.holdfast.env.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The drill is itself drilled: with a bug planted in the nodes its verdict is FAILED, and says why.
@Tag("slow")
class PlantedBugTest {
    private static final DrillPlan SHORT = new DrillPlan(
            Duration.ofSeconds(12), 1, 3, List.of(), Duration.ofSeconds(1), Duration.ofSeconds(40), 6, 600, 200);

    /// So few envelopes that the leader cuts at once, one envelope in most records; and so much calm that every node
    /// has blocks before the first fault: with none, a node begins at the beginning and skips nothing. The killed node
    /// must be back before the end, on a busy machine, too: the bug is in its way back.
    private static final DrillPlan SPARSE = new DrillPlan(
            Duration.ofSeconds(14), 1, 3, List.of(), Duration.ofSeconds(12), Duration.ofSeconds(45), 3, 60, 200);

    @ParameterizedTest
    @EnumSource(
            value = Plant.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"DEAF_TO_CLOCKS", "LATE_CONFIG"})
    void aPlantedBugIsSeen(Plant plant, @TempDir Path directory) throws IOException {
        SandboxPlan planted =
                SandboxPlan.THREE.withJvmOptions(List.of("-javaagent:" + agent(directory) + "=" + plant.name()));
        try (Sandbox sandbox = Sandbox.create(World.real(), directory.resolve("sandbox"), planted)) {
            sandbox.up();
            DrillReport report = FaultDrill.run(sandbox, plan(plant), System.out::println);
            System.out.println(report.markdown());
            assertThat(sandbox.node(1).output()).content().contains("planted in");
            if (plant == Plant.LOST_TAIL) {
                assertThat(sandbox.nodes())
                        .as("came back with the bug")
                        .anySatisfy(node ->
                                assertThat(node.output()).content().containsSubsequence("planted in", "planted in"));
            }
            if (plant.symptom().isEmpty()) {
                assertThat(report.verdict().faults()).isEmpty();
            } else {
                assertThat(report.passed()).isFalse();
                assertThat(report.verdict().faults())
                        .anySatisfy(fault -> assertThat(fault).contains(plant.symptom()));
            }
        }
    }

    private static DrillPlan plan(Plant plant) {
        return switch (plant) {
            case EARLY_ACKNOWLEDGEMENT -> SHORT.only(Fault.KILL_STALLED_LEADER);
            case LOST_TAIL -> SPARSE.only(Fault.KILL_FOLLOWER);
            case DOUBLE_SUBMIT -> SHORT.only(Fault.KILL_LEADER);
            case DOUBLE_APPLY, DROPPED_ENVELOPE -> SHORT.only(Fault.TRANSFER);
            case DEAF_TO_CLOCKS -> throw new IllegalArgumentException("no fault here jumps a clock");
            case LATE_CONFIG -> throw new IllegalArgumentException("needs a drill that changes configs");
        };
    }

    /// An agent's jar needs nothing but its manifest: its class is on the nodes' class path.
    static Path agent(Path directory) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", PlantAgent.class.getName());
        Path jar = directory.resolve("plant.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            out.finish();
        }
        return jar;
    }
}
