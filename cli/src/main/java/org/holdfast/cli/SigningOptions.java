package org.holdfast.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Who signs an update, and what becomes of it.
final class SigningOptions {
    @Option(
            names = "--as",
            paramLabel = "WHO",
            description = "Who signs: MSPID (its Admin), MSPID/USER, or MSPID=DIRECTORY of an MSP with its key; may be "
                    + "given more than once. Without it all admins whose keys lie in the network's directory, as far "
                    + "as they are needed.")
    private List<String> as = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the update with the signatures to a file, and do not submit it.")
    private @Nullable Path out;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "How long to wait until all nodes have it in force (default: ${DEFAULT-VALUE}).",
            defaultValue = "30")
    private int wait = 30;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(names = "--json", description = "One JSON object about what became of it, in place of text.")
    private boolean json;

    /// Whether nothing is asked.
    boolean yes() {
        return yes;
    }

    boolean json() {
        return json;
    }

    /// Whether signers were named.
    boolean named() {
        return !as.isEmpty();
    }

    /// Who may sign, in order.
    List<Signer> signers(NetworkDir dir) {
        return named() ? as.stream().map(word -> Signer.named(dir, word)).toList() : Signer.admins(dir, dir.load());
    }

    Optional<Path> out() {
        return Optional.ofNullable(out);
    }

    /// Seconds to wait until all nodes have it, at least one.
    ///
    /// @throws CommandFault when the number has no sense
    int patience() {
        if (wait < 0) {
            throw CommandFault.usage("--wait is %d; seconds are wanted, 0 or more", wait);
        }
        return Math.max(1, wait);
    }
}
