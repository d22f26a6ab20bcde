package org.holdfast.drill;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Runs short programs of the system (`ip`, `mount`) and reads what they say. Any thread.
final class Shell {
    private static final int SECONDS_MAX = 20;

    private Shell() {}

    /// @param code 0 = done
    /// @param text both outputs, stripped
    private record Ended(int code, String text) {}

    /// Runs a program that must succeed.
    ///
    /// @return what it said
    /// @throws DrillFault when it fails
    static String run(String... words) {
        Ended ended = end(List.of(words));
        if (ended.code != 0) {
            throw new DrillFault("'%s' failed: %s".formatted(String.join(" ", words), ended.text));
        }
        return ended.text;
    }

    /// Runs a program that may fail.
    ///
    /// @return why it did; empty when it succeeded
    static Optional<String> attempt(String... words) {
        Ended ended = end(List.of(words));
        return ended.code == 0 ? Optional.empty() : Optional.of(ended.text);
    }

    private static Ended end(List<String> words) {
        try {
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Ended(-1, "it did not end within " + SECONDS_MAX + " s");
            }
            return new Ended(process.exitValue(), text.isEmpty() ? "exit code " + process.exitValue() : text);
        } catch (IOException e) {
            return new Ended(-1, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Ended(-1, "interrupted");
        }
    }
}
