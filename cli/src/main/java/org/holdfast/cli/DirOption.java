package org.holdfast.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/// Which network a command is about.
final class DirOption {
    static final String DEFAULT = ".holdfast";

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "The network's directory (default: ${DEFAULT-VALUE}).",
            defaultValue = DEFAULT)
    private Path dir = Path.of(DEFAULT);

    NetworkDir open(Session session) {
        return new NetworkDir(session.world().disk(), dir);
    }

    /// As to be written after a command's name: empty for the default.
    String words() {
        return dir.toString().equals(DEFAULT) ? "" : " --dir " + NetworkDir.shellWord(dir.toString());
    }
}
