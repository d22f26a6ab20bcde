package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
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

    /// A command on the network in a directory.
    int runIn(Path directory, String... words) {
        return run(Stream.concat(Stream.of(words), Stream.of("--dir", directory.toString()))
                .toArray(String[]::new));
    }

    /// The same, which has to end with this code.
    void expect(int code, Path directory, String... words) {
        assertThat(runIn(directory, words))
                .as("%s%n%s%s", String.join(" ", words), out(), err())
                .isEqualTo(code);
    }

    /// Ends and deletes the network in a directory, if there is one.
    void destroy(Path directory) {
        if (Files.exists(directory.resolve(NetworkDir.NETWORK))) {
            runIn(directory, "destroy", "--yes");
        }
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
