package org.holdfast.state;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.holdfast.env.World;

/// Measures what a large sorted set costs: members added in random order, then ranks, counts and ranges asked for, on
/// one thread. No digest is kept.
///
/// Arguments: an empty directory, and how many members. Prints microseconds of processor time a command.
public final class RankCost {
    private static final int COMMANDS_PER_BLOCK = 500;
    private static final int QUESTIONS = 2_000;

    private final ShardState state;
    private final Random random = new Random(3);
    private final int members;

    private RankCost(ShardState state, int members) {
        this.state = state;
        this.members = members;
    }

    /// Runs it.
    public static void main(String[] arguments) throws IOException {
        ShardState.Options plain = new ShardState.Options(false);
        try (ShardState state = ShardState.open(World.real(), Path.of(arguments[0]), plain)) {
            new RankCost(state, Integer.parseInt(arguments[1])).run();
        }
    }

    private void run() {
        long from = processorNanos();
        for (int i = 0; i < members; i += COMMANDS_PER_BLOCK) {
            List<Batch.Group> groups = new ArrayList<>();
            for (int j = i; j < i + COMMANDS_PER_BLOCK; j++) {
                groups.add(Batch.Group.of(add(j)));
            }
            state.apply(new Batch(state.appliedBlock() + 1, 1, new byte[0], groups));
        }
        System.out.printf("ZADD %.1f us%n", (processorNanos() - from) / 1e3 / members);
        for (int round = 0; round < 3; round++) {
            ask("ZSCORE", i -> Command.of("ZSCORE", "z", member()));
            ask("ZRANK", i -> Command.of("ZRANK", "z", member()));
            ask("ZCOUNT", i -> Command.of("ZCOUNT", "z", score(), "+inf"));
            ask("ZRANGE, 10 from anywhere", i -> {
                int first = random.nextInt(members);
                return Command.of("ZRANGE", "z", Integer.toString(first), Integer.toString(first + 9));
            });
            ask(
                    "ZRANGEBYSCORE, 10 from anywhere",
                    i -> Command.of("ZRANGEBYSCORE", "z", score(), "+inf", "LIMIT", "0", "10"));
        }
        from = processorNanos();
        state.apply(
                new Batch(state.appliedBlock() + 1, 1, new byte[0], List.of(Batch.Group.of(Command.of("DEL", "z")))));
        System.out.printf("DEL %.1f us%n", (processorNanos() - from) / 1e3);
    }

    private Command add(int number) {
        return Command.of("ZADD", "z", score(), "member:" + number);
    }

    private String score() {
        return Double.toString(random.nextDouble());
    }

    private String member() {
        return "member:" + random.nextInt(members);
    }

    private void ask(String name, IntFunction<Command> command) {
        long from = processorNanos();
        for (int i = 0; i < QUESTIONS; i++) {
            state.read((Parsed.Ready) CommandTable.parse(command.apply(i)), 1);
        }
        System.out.printf("%s %.1f us%n", name, (processorNanos() - from) / 1e3 / QUESTIONS);
    }

    private static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
