package org.holdfast.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.holdfast.env.World;

/// Runs commands in this JVM and keeps what the last one said.
final class Terminal {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Deque<String> answers = new ArrayDeque<>();

    int run(String... words) {
        out.reset();
        err.reset();
        Screen screen = new Screen(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                question -> {
                    err.writeBytes((question + "\n").getBytes(StandardCharsets.UTF_8));
                    return answers.poll();
                });
        return Main.run(new Session(World.real(), screen), words);
    }

    /// What somebody will say to the next questions; nobody is there for further ones.
    void answering(String... next) {
        answers.clear();
        answers.addAll(List.of(next));
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
