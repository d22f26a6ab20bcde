package org.holdfast.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.env.World;

/// Writes into a state's files what no command has made.
final class Planted {
    private Planted() {}

    /// A list of one element, in block 0.
    static void list(Path directory, String key) throws IOException {
        change(directory, editor -> {
            Entry list = editor.create(Type.LIST, Layout.NOTHING);
            editor.putMember(list, new byte[] {1, 'x'}, new byte[] {'1'});
            editor.put(key.getBytes(StandardCharsets.UTF_8), list.withSize(1));
        });
    }

    /// Changes a state in a block of its own, past all commands.
    static void change(Path directory, java.util.function.Consumer<Editor> change) throws IOException {
        Files.createDirectories(directory);
        try (ShardState state = ShardState.open(World.real(), directory, new ShardState.Options(true))) {
            state.edit(change);
        }
    }
}
