package org.holdfast.drill;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/// How a drill is to be run.
///
/// @param nodes of the sandbox network, 3 to 9
/// @param seconds the fault lasts; empty = the drill's own choice; 1 to 600
/// @param directory parent of the drill's own directory
/// @param keep whether the drill's directory stays when it has passed; it stays when it has failed
/// @param patience the nodes have a leader again within this time, and none stands still so long on the way to being
/// healthy and equally high; longer than it takes on a busy machine
/// @param jvmOptions further options of the nodes' JVMs
public record DrillOrder(
        int nodes, OptionalInt seconds, Path directory, boolean keep, Duration patience, List<String> jvmOptions) {
    /// What is usual.
    public static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final int NODES_MIN = 3;
    private static final int NODES_MAX = 9;
    private static final int SECONDS_MAX = 600;

    /// Throws [IllegalArgumentException] with what is wrong.
    public DrillOrder {
        jvmOptions = List.copyOf(jvmOptions);
        if (nodes < NODES_MIN || nodes > NODES_MAX) {
            throw new IllegalArgumentException("%d nodes: %d to %d are wanted, for one must be able to fail"
                    .formatted(nodes, NODES_MIN, NODES_MAX));
        }
        if (seconds.isPresent() && (seconds.getAsInt() < 1 || seconds.getAsInt() > SECONDS_MAX)) {
            throw new IllegalArgumentException(
                    "%d seconds: 1 to %d are wanted".formatted(seconds.getAsInt(), SECONDS_MAX));
        }
    }

    /// Three nodes in the system's directory for temporary files.
    public static DrillOrder usual() {
        Path home = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        return new DrillOrder(NODES_MIN, OptionalInt.empty(), home, false, PATIENCE, List.of());
    }

    /// With further options of the nodes' JVMs.
    public DrillOrder withJvmOptions(List<String> options) {
        return new DrillOrder(nodes, seconds, directory, keep, patience, options);
    }

    /// In another directory.
    public DrillOrder in(Path parent) {
        return new DrillOrder(nodes, seconds, parent, keep, patience, jvmOptions);
    }

    /// With a fault of another length.
    public DrillOrder lasting(int length) {
        return new DrillOrder(nodes, OptionalInt.of(length), directory, keep, patience, jvmOptions);
    }

    /// With other patience.
    public DrillOrder within(Duration time) {
        return new DrillOrder(nodes, seconds, directory, keep, time, jvmOptions);
    }
}
