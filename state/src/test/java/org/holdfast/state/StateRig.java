package org.holdfast.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.env.World;

/// A shard's state in a test: numbers the blocks and knows the time.
final class StateRig implements AutoCloseable {
    private static final ShardState.Options DIGESTED = new ShardState.Options(true);

    private final Path directory;
    private ShardState state;
    private long millis;

    private StateRig(Path directory, ShardState state, long millis) {
        this.directory = directory;
        this.state = state;
        this.millis = millis;
    }

    static StateRig open(Path directory, long millis) throws IOException {
        return new StateRig(directory, ShardState.open(World.real(), directory, DIGESTED), millis);
    }

    ShardState state() {
        return state;
    }

    void reopen() throws IOException {
        state.close();
        state = ShardState.open(World.real(), directory, DIGESTED);
    }

    /// Lets time pass for the next batches and reads.
    void pass(long more) {
        millis += more;
    }

    Batch batch(Batch.Group... groups) {
        long block = state.appliedBlock() + 1;
        byte[] seed = ("seed of " + block).getBytes(StandardCharsets.UTF_8);
        return new Batch(block, millis, seed, Arrays.asList(groups));
    }

    /// Applies each command as a group of its own, all in one block.
    List<Reply> apply(List<Command> commands) {
        return state.apply(batch(commands.stream().map(Batch.Group::of).toArray(Batch.Group[]::new)));
    }

    /// Answers one command: what writes in a block of its own.
    Reply ask(String... words) {
        return ask(Command.of(words));
    }

    Reply ask(Command command) {
        return switch (CommandTable.parse(command)) {
            case Parsed.Wrong wrong -> wrong.reply();
            case Parsed.Ready ready -> ready.writes() ? apply(List.of(command)).getFirst() : state.read(ready, millis);
        };
    }

    List<Reply> transaction(List<Batch.Watch> watches, Command... commands) {
        return new ArrayList<>(state.apply(batch(Batch.Group.transaction(List.of(commands), watches))));
    }

    @Override
    public void close() {
        state.close();
    }
}
