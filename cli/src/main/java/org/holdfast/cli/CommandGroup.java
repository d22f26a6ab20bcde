package org.holdfast.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// A word that does nothing by itself: what to do is said by the word after it.
abstract class CommandGroup implements Runnable {
    private final List<Object> commands;

    @Spec
    private @Nullable CommandSpec spec;

    CommandGroup(Object... commands) {
        this.commands = List.of(commands);
    }

    /// With its subcommands.
    final CommandLine line() {
        CommandLine line = new CommandLine(this);
        commands.forEach(line::addSubcommand);
        return line;
    }

    @Override
    public final void run() {
        if (spec != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "say what to do: " + String.join(" or ", spec.subcommands().keySet()));
        }
    }
}
