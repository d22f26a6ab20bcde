package org.holdfast.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.env.World;

/// Writes into a state's files what no command has made.
final class Planted {
    private Planted() {}

    /// Changes a state in a block of its own, past all commands.
    static void change(Path directory, java.util.function.Consumer<Editor> change) throws IOException {
        Files.createDirectories(directory);
        try (ShardState state = ShardState.open(World.real(), directory, new ShardState.Options(true))) {
            state.edit(change);
        }
    }
}
