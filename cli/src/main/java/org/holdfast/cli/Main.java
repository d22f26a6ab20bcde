package org.holdfast.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The operator's command.
@Command(name = "holdfast", mixinStandardHelpOptions = true, description = "Runs and looks after a Holdfast network.")
public final class Main implements Runnable {
    private Main() {}

    /// Runs one command and ends with its exit code: 0 done, 1 refused or failed, 2 wrong usage.
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
