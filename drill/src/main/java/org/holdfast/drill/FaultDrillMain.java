package org.holdfast.drill;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.holdfast.env.World;

/// The long form of the fault drill: `FaultDrillMain --minutes 10 --seed 7 --dir DIRECTORY --report FILE`.
///
/// Ends with 0 when every promise was kept, 1 when one was not, 2 on wrong usage. The directory must not hold an
/// earlier sandbox; it is kept when the drill fails and deleted otherwise.
public final class FaultDrillMain {
    private static final String USAGE = "usage: FaultDrillMain --minutes N --seed N --dir DIRECTORY --report FILE";

    private FaultDrillMain() {}

    /// @param minutes how long faults go on
    private record Words(long minutes, long seed, Path directory, Path report) {}

    /// Runs a drill.
    public static void main(String[] args) {
        Words words = null;
        try {
            words = words(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + System.lineSeparator() + USAGE);
            System.exit(2);
        }
        if (words != null) {
            System.exit(run(words) ? 0 : 1);
        }
    }

    private static boolean run(Words words) {
        World world = World.real();
        DrillPlan plan = DrillPlan.MINUTE.with(Duration.ofMinutes(words.minutes), words.seed);
        DrillReport report;
        try (Sandbox sandbox = Sandbox.create(world, words.directory, SandboxPlan.THREE)) {
            sandbox.up();
            report = FaultDrill.run(sandbox, plan, System.out::println);
        }
        world.disk().replace(words.report, report.markdown().getBytes(StandardCharsets.UTF_8));
        System.out.println(report.markdown());
        if (report.passed()) {
            world.disk().deleteTree(words.directory);
        }
        return report.passed();
    }

    private static Words words(String[] args) {
        long minutes = 10;
        long seed = 1;
        Path directory = null;
        Path report = null;
        if (args.length % 2 != 0) {
            throw new IllegalArgumentException("every option has a value");
        }
        for (int i = 0; i < args.length; i += 2) {
            switch (args[i]) {
                case "--minutes" -> minutes = Long.parseLong(args[i + 1]);
                case "--seed" -> seed = Long.parseLong(args[i + 1]);
                case "--dir" -> directory = Path.of(args[i + 1]);
                case "--report" -> report = Path.of(args[i + 1]).toAbsolutePath();
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        if (directory == null || report == null) {
            throw new IllegalArgumentException("--dir and --report are wanted");
        }
        return new Words(minutes, seed, directory, report);
    }
}
