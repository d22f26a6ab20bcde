package org.holdfast.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.drill.ClassArchive;
import org.holdfast.env.World;

/// How a node's JVM is started: the program and class path of this JVM, options for a small footprint and a quick
/// start.
///
/// @param command the words before the name of the main class
record JvmOptions(List<String> command) {
    /// Further options for the nodes of a network, separated by blanks.
    static final String VARIABLE = "HOLDFAST_NODE_OPTS";

    private static final Path SETSID = Path.of("/usr/bin/setsid");

    static JvmOptions current() {
        String home = System.getProperty("java.home", "");
        List<String> command = new ArrayList<>();
        command.add(Path.of(home, "bin", "java").toString());
        command.addAll(List.of(
                "-Xms64m",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-Xshare:auto",
                "-Dfile.encoding=UTF-8",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        String further = System.getenv().getOrDefault(VARIABLE, "").strip();
        if (!further.isEmpty()) {
            command.addAll(List.of(further.split("\\s+", -1)));
        }
        command.addAll(ClassArchive.words(World.real()));
        return new JvmOptions(List.copyOf(command));
    }

    /// Words that take a program out of the terminal's reach: its own session where `setsid` is, else at least deaf to
    /// the terminal's signals. Both become the program itself, so the pid stays.
    static List<String> detached() {
        if (SETSID.toFile().canExecute()) {
            return List.of(SETSID.toString());
        }
        return List.of("/bin/sh", "-c", "trap '' HUP INT; exec \"$@\"", "sh");
    }
}
