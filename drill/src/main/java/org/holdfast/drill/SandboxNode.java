package org.holdfast.drill;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.Disk;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One node of a sandbox: its directory, and its process while it runs.
///
/// Owned by the thread that drives the sandbox; [#state] may be asked by any.
public final class SandboxNode {
    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final Duration JOIN_ANSWER = Duration.ofSeconds(60);
    private static final int STOP_SECONDS = 90;
    /// A JVM that SIGTERM ends.
    static final int TERMINATED = 143;

    private static final int PAUSE_SECONDS_MAX = 120;

    private final String name;
    private final Path directory;
    private final String host;
    private final int port;
    private final Control control;
    private final List<String> command;
    private final Map<String, String> environment;
    private volatile @Nullable Process process;
    private volatile @Nullable Process pause;
    private volatile boolean over;
    private volatile boolean stopped;

    /// Where a node lies.
    ///
    /// @param host address on which it listens
    /// @param port of the general listener
    /// @param socket of the operator
    public record Place(String name, Path directory, String host, int port, Path socket) {
        /// On the loopback address.
        public Place(String name, Path directory, int port, Path socket) {
            this(name, directory, "127.0.0.1", port, socket);
        }
    }

    /// @param command the words that start its process
    public SandboxNode(Place place, List<String> command) {
        this(place, command, Map.of());
    }

    SandboxNode(Place place, List<String> command, Map<String, String> environment) {
        this.name = place.name;
        this.directory = place.directory;
        this.host = place.host;
        this.environment = Map.copyOf(environment);
        this.port = place.port;
        this.control = new Control(place.socket);
        this.command = List.copyOf(command);
    }

    public String name() {
        return name;
    }

    /// Address of its listeners.
    public String host() {
        return host;
    }

    /// Port of the general listener.
    public int port() {
        return port;
    }

    /// Its settings, data and output.
    public Path directory() {
        return directory;
    }

    /// Its settings file.
    public Path settings() {
        return directory.resolve("orderer.yaml");
    }

    /// Everything it keeps: ledger and log.
    public Path dataDirectory() {
        return directory.resolve("data");
    }

    /// Where it keeps a channel's blocks.
    public Path ledger(String channel) {
        return dataDirectory().resolve("ledger").resolve("chains").resolve(channel);
    }

    /// What it has printed, over all its starts.
    public Path output() {
        return directory.resolve("node.log");
    }

    /// Bytes of the same.
    long printed(Disk disk) {
        if (!disk.exists(output())) {
            return 0;
        }
        try (Disk.DiskFile file = disk.openRead(output())) {
            return file.size();
        }
    }

    /// The process, if it was started and has not ended.
    public boolean isRunning() {
        Process running = process;
        return running != null && running.isAlive();
    }

    /// Starts the process; returns at once.
    public void start() {
        if (isRunning()) {
            throw new IllegalStateException(name + " runs already");
        }
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(output().toString())));
        builder.environment().putAll(environment);
        stopped = false;
        try {
            process = builder.start();
            if (over) {
                kill(); // the sandbox was closed meanwhile
            }
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be started: " + e.getMessage(), e);
        }
    }

    /// kill -9; returns when the process has ended.
    public void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            awaitEnd(STOP_SECONDS);
        }
        endPause();
    }

    /// kill -9, for good: it cannot be started again.
    void end() {
        over = true;
        kill();
    }

    /// SIGTERM; returns the exit code when the process has ended.
    public int stop() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException(name + " was not started");
        }
        // Not Process.destroy: that closes the standard input too, and the tether would be quicker.
        boolean ran = running.isAlive();
        signal("-TERM", running.pid());
        awaitEnd(STOP_SECONDS);
        int code = running.exitValue();
        stopped = ran && (code == 0 || code == TERMINATED);
        return code;
    }

    /// Whether it was asked to stop, did so by itself, and was not started since: what it keeps must be in order then.
    boolean stoppedCleanly() {
        return stopped;
    }

    /// Waits for the process to end by itself.
    ///
    /// @return its exit code; empty when it still runs after `seconds`
    public Optional<Integer> awaitExit(int seconds) {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException(name + " was not started");
        }
        try {
            return running.waitFor(seconds, TimeUnit.SECONDS) ? Optional.of(running.exitValue()) : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + name, e);
        }
    }

    /// SIGSTOP. The process goes on by itself after two minutes, so that none is left frozen when this one dies.
    public void pause() {
        Process running = process;
        if (running == null || pause != null) {
            throw new IllegalStateException(name + " cannot be paused now");
        }
        long pid = running.pid();
        String guard =
                "kill -STOP %d && echo stopped && sleep %d; kill -CONT %d".formatted(pid, PAUSE_SECONDS_MAX, pid);
        try {
            Process shell = new ProcessBuilder("/bin/sh", "-c", guard).start();
            pause = shell;
            if (shell.inputReader(StandardCharsets.US_ASCII).readLine() == null) {
                throw new IllegalStateException(name + " cannot be paused");
            }
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be paused: " + e.getMessage(), e);
        }
    }

    /// SIGCONT.
    public void resume() {
        Process running = process;
        if (running != null && running.isAlive()) {
            signal("-CONT", running.pid());
        }
        endPause();
    }

    /// What the node says of itself; empty when it does not answer.
    public Optional<NodeState> state() {
        return ask(Control.verb("status"), ANSWER).filter(SandboxNode::ok).map(NodeState::of);
    }

    /// Has the node join a channel.
    ///
    /// @return why it did not, empty when it did
    public Optional<String> join(Path genesis) {
        return outcome(ask(Control.verb("join").put("blockFile", genesis.toString()), JOIN_ANSWER));
    }

    /// Asks the node to hand on leadership of a channel.
    ///
    /// @return why it did not, empty when it tries to
    public Optional<String> transfer(String channel) {
        return outcome(ask(Control.verb("transfer").put("channel", channel), ANSWER));
    }

    private Optional<JsonNode> ask(tools.jackson.databind.node.ObjectNode question, Duration patience) {
        try {
            return control.ask(question, patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking " + name, e);
        }
    }

    private static boolean ok(JsonNode answer) {
        return answer.path("ok").asBoolean(false);
    }

    private static Optional<String> outcome(Optional<JsonNode> answer) {
        if (answer.isEmpty()) {
            return Optional.of("no answer");
        }
        return ok(answer.get()) ? Optional.empty() : Optional.of(answer.get().toString());
    }

    private void awaitEnd(int seconds) {
        if (awaitExit(seconds).isEmpty()) {
            throw new IllegalStateException(name + " did not end within " + seconds + " s");
        }
    }

    private void endPause() {
        Process guard = pause;
        pause = null;
        if (guard != null) {
            List<ProcessHandle> sleeping = guard.descendants().toList();
            guard.destroyForcibly();
            sleeping.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static void signal(String signal, long pid) {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill " + signal + " " + pid)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new IllegalStateException("no signal can be sent: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending a signal", e);
        }
    }
}
