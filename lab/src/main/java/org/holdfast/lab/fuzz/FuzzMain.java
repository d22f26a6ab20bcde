package org.holdfast.lab.fuzz;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.drill.Seeded;
import org.holdfast.env.World;

/// Fuzzes one decoder: `FuzzMain --class CLASS --method METHOD --minutes N --seed N --seeds DIR [--seeds DIR ...]
/// --findings DIR`.
///
/// The room's test classes are on the class path. Seeds are all files below the directories, as large as
/// [Surgeon#LARGEST] at most. Ends with 0 when nothing was found, 1 when something was, 2 on wrong usage, 3 when an
/// input did not return.
public final class FuzzMain {
    private static final String USAGE =
            "usage: FuzzMain --class CLASS --method METHOD --minutes N --seed N --seeds DIR --findings DIR";

    private FuzzMain() {}

    private record Words(FuzzTarget target, Duration length, long seed, List<Path> seeds, Path findings) {}

    /// Runs.
    public static void main(String[] args) {
        Words words = null;
        try {
            words = words(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + System.lineSeparator() + USAGE);
            System.exit(2);
        }
        if (words != null) {
            System.exit(run(World.real(), words) ? 0 : 1);
        }
    }

    private static boolean run(World world, Words words) {
        List<byte[]> seeds = new ArrayList<>();
        words.seeds.forEach(directory -> gather(world, directory, seeds));
        if (seeds.isEmpty()) {
            seeds.add(new byte[0]);
        }
        Surgeon surgeon = new Surgeon(new Seeded(words.seed), seeds);
        Fuzzer fuzzer = new Fuzzer(world, words.target, surgeon, words.findings, System.out::println);
        Fuzzer.Result result = fuzzer.run(words.length);
        double seconds = result.took().toMillis() / 1000.0;
        System.out.printf(
                "DONE %s: %d seeds, %.1f minutes, %d inputs, %.0f a second, %d findings, slowest %d ms,"
                        + " at most %.0f bytes allocated a byte%n",
                words.target.name(),
                seeds.size(),
                seconds / 60,
                result.executions(),
                result.executions() / seconds,
                result.findings().size(),
                result.slowestMillis(),
                result.greediest());
        return result.findings().isEmpty();
    }

    /// In the order of the names, so that a seed number means the same run.
    private static void gather(World world, Path path, List<byte[]> seeds) {
        if (path.toFile().isDirectory()) {
            world.disk().list(path).forEach(child -> gather(world, child, seeds));
            return;
        }
        byte[] seed = world.disk().read(path);
        if (seed.length <= Surgeon.LARGEST) {
            seeds.add(seed);
        }
    }

    private static Words words(String[] args) {
        String type = "";
        String method = "";
        long minutes = 10;
        long seed = 1;
        List<Path> seeds = new ArrayList<>();
        Path findings = Path.of("findings");
        if (args.length % 2 != 0) {
            throw new IllegalArgumentException("every option has a value");
        }
        for (int i = 0; i < args.length; i += 2) {
            String value = args[i + 1];
            switch (args[i]) {
                case "--class" -> type = value;
                case "--method" -> method = value;
                case "--minutes" -> minutes = Long.parseLong(value);
                case "--seed" -> seed = Long.parseLong(value);
                case "--seeds" -> seeds.add(Path.of(value).toAbsolutePath());
                case "--findings" -> findings = Path.of(value).toAbsolutePath();
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        return new Words(FuzzTarget.of(type, method), Duration.ofMinutes(minutes), seed, seeds, findings);
    }
}
