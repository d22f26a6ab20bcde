package org.holdfast.cli;

import java.io.Console;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.holdfast.env.World;
import org.jspecify.annotations.Nullable;

/// Where a command's words go: results to standard output, everything about them to standard error.
///
/// The live line is the last line of a terminal, written over; without a terminal it is left out. Safe from any thread.
final class Screen {
    private static final String CLEAR = "\r\u001b[K";

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private final OutputStream bulk;
    private final UnaryOperator<@Nullable String> answers;
    private String live = "";

    Screen(PrintStream out, PrintStream err, boolean terminal) {
        this(out, err, terminal, _ -> null);
    }

    /// @param answers what somebody says to a question; null when nobody is there
    Screen(PrintStream out, PrintStream err, boolean terminal, UnaryOperator<@Nullable String> answers) {
        this(out, err, terminal, answers, out);
    }

    private Screen(
            PrintStream out,
            PrintStream err,
            boolean terminal,
            UnaryOperator<@Nullable String> answers,
            OutputStream bulk) {
        this.bulk = bulk;
        this.out = out;
        this.err = err;
        this.terminal = terminal;
        this.answers = answers;
    }

    /// The process's own streams.
    static Screen real(World world) {
        boolean terminal = console().filter(Console::isTerminal).isPresent();
        // Bulk output goes to the descriptor itself: System.out hides that its reader has left.
        return new Screen(
                System.out,
                System.err,
                terminal,
                question -> terminal
                        ? console()
                                .map(console -> console.readLine("%s", question))
                                .orElse(null)
                        : null,
                world.standardOutput());
    }

    /// The terminal the process was started from, if there is one. Java 22 to 24 always gave a console, Java 25 does
    /// not.
    @SuppressWarnings("SystemConsoleNull")
    private static Optional<Console> console() {
        return Optional.ofNullable(System.console());
    }

    /// Asks whoever watches, and waits for the answer; empty when nobody does.
    Optional<String> ask(String question) {
        endLive();
        return Optional.ofNullable(answers.apply(question));
    }

    /// Whether somebody watches and says yes to it, in full.
    boolean confirmed(String question) {
        return ask(question + " Type yes: ").filter("yes"::equals).isPresent();
    }

    /// Whether somebody watches.
    boolean terminal() {
        return terminal;
    }

    /// For results of many lines.
    Output bulk() {
        return new Output(bulk);
    }

    /// A line of the result.
    synchronized void say(String line) {
        hide();
        out.println(line);
        show();
    }

    /// Text of the result as it is.
    synchronized void print(String text) {
        hide();
        out.print(text);
        out.flush();
        show();
    }

    /// A line beside the result.
    synchronized void note(String line) {
        hide();
        err.println(line);
        show();
    }

    /// Replaces the live line.
    synchronized void live(String line) {
        if (terminal && !line.equals(live)) {
            live = line;
            err.print(CLEAR + line);
            err.flush();
        }
    }

    /// Removes the live line.
    synchronized void endLive() {
        hide();
        live = "";
    }

    private void hide() {
        if (!live.isEmpty()) {
            err.print(CLEAR);
            err.flush();
        }
    }

    private void show() {
        if (!live.isEmpty()) {
            err.print(live);
            err.flush();
        }
    }
}
