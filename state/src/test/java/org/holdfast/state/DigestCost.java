package org.holdfast.state;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.env.World;

/// Measures what keeping the digest costs a write: the same SETs with and without it, in turn, on one thread.
///
/// Arguments: an empty directory, and how many rounds. Prints microseconds of the applying thread's processor time
/// for each SET, a round a line.
public final class DigestCost {
    private static final int KEYS = 20_000;
    private static final int COMMANDS_PER_BLOCK = 200;
    private static final int BLOCKS = 100;
    private static final int VALUE_BYTES = 100;

    private DigestCost() {}

    /// Runs it.
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        try (ShardState plain = open(directory.resolve("plain"), false);
                ShardState digested = open(directory.resolve("digested"), true)) {
            for (int round = 0; round < rounds; round++) {
                double without = microsPerSet(plain);
                double with = microsPerSet(digested);
                System.out.printf(
                        "SET without %.1f us, with digest %.1f us, difference %.1f us%n",
                        without, with, with - without);
            }
        }
    }

    private static ShardState open(Path directory, boolean digest) throws IOException {
        return ShardState.open(World.real(), directory, new ShardState.Options(digest));
    }

    private static double microsPerSet(ShardState state) {
        List<List<Batch.Group>> blocks = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < BLOCKS; i++) {
            List<Batch.Group> groups = new ArrayList<>();
            for (int j = 0; j < COMMANDS_PER_BLOCK; j++) {
                String value = Integer.toString(next * 7).repeat(VALUE_BYTES).substring(0, VALUE_BYTES);
                groups.add(Batch.Group.of(Command.of("SET", "key:" + next++ % KEYS, value)));
            }
            blocks.add(groups);
        }
        long from = processorNanos();
        for (List<Batch.Group> groups : blocks) {
            state.apply(new Batch(state.appliedBlock() + 1, 1, new byte[0], groups));
        }
        return (processorNanos() - from) / 1e3 / BLOCKS / COMMANDS_PER_BLOCK;
    }

    private static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
