package org.holdfast.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.wire.Decode;

/// One node's process: found by its pid file, started, stopped, killed.
///
/// A pid may long belong to somebody else. A process counts as the node only while its command line names the node
/// program and the node's settings file; where the system hides command lines, its pid alone has to do.
final class NodeProcess {
    /// How long a node gets to stop by itself before it is killed.
    static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    static final String PROGRAM = "org.holdfast.node.NodeMain";
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(5);
    private static final String LAUNCH_LOCK = "launch.lock";
    private static final long LAUNCH_LOOK_MILLIS = 10;
    private static final int LAUNCH_LOOKS_MAX = 500;
    private static final int NAMELESS_LOOKS_MAX = 100;

    private final NetworkDir dir;
    private final Network.Node node;

    NodeProcess(NetworkDir dir, Network.Node node) {
        this.dir = dir;
        this.node = node;
    }

    Network.Node node() {
        return node;
    }

    /// The running process, empty when the node does not run.
    Optional<ProcessHandle> running() {
        Path file = dir.pidFile(node);
        if (!dir.disk().exists(file)) {
            return Optional.empty();
        }
        String text = new String(dir.disk().read(file), StandardCharsets.UTF_8).strip();
        if (!text.matches("[0-9]{1,10}")) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(text))
                .filter(ProcessHandle::isAlive)
                .filter(this::isNode);
    }

    /// A process has no command line while one program takes the place of another in it (exec), as happens when a node
    /// is launched: then it is looked at again.
    private boolean isNode(ProcessHandle process) {
        Optional<List<String>> words = commandLine(process);
        int looks = 0;
        while (isNameless(words)
                && process.isAlive()
                && looks < NAMELESS_LOOKS_MAX
                && Session.pause(LAUNCH_LOOK_MILLIS)) {
            words = commandLine(process);
            looks++;
        }
        if (words.isEmpty()) {
            return process.info().command().isEmpty();
        }
        return words.get().contains(PROGRAM)
                && words.get().contains(dir.config(node).toString());
    }

    private static boolean isNameless(Optional<List<String>> words) {
        return words.isPresent() && words.get().stream().allMatch(String::isEmpty);
    }

    /// The words of a process's command line. Linux is asked itself: the platform's own answer ends at 4096 bytes,
    /// and a class path is longer.
    private Optional<List<String>> commandLine(ProcessHandle process) {
        Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        try {
            if (dir.disk().exists(file)) {
                return Optional.of(List.of(new String(dir.disk().read(file), StandardCharsets.UTF_8).split("\0", -1)));
            }
        } catch (DiskFault ended) {
            return Optional.of(List.of()); // it ended between the two looks
        }
        return process.info().arguments().map(List::of);
    }

    /// Starts the node unless it runs. It outlives this process and hears no Ctrl-C meant for it.
    ///
    /// @return the process, running already or started now
    /// @throws CommandFault when a port is taken or the program cannot be started
    ProcessHandle start(JvmOptions options) {
        Disk disk = dir.disk();
        Path nodeDir = dir.nodeDir(node);
        try (Disk.DiskLock _ = disk.lock(nodeDir.resolve(LAUNCH_LOCK))) {
            Optional<ProcessHandle> before = running();
            if (before.isPresent()) {
                return before.get();
            }
            File log = dir.log(node).toFile();
            return launch(new ProcessBuilder(command(JvmOptions.detached(), options))
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                            .redirectError(ProcessBuilder.Redirect.appendTo(log)))
                    .toHandle();
        } catch (IOException e) {
            throw CommandFault.failed("%s cannot be started: %s", node.name(), Decode.reason(e));
        }
    }

    /// Starts the node as a child of this process that writes to this process's output.
    ///
    /// @throws CommandFault when it runs already, a port is taken or the program cannot be started
    Process startInForeground(JvmOptions options) {
        Disk disk = dir.disk();
        try (Disk.DiskLock _ = disk.lock(dir.nodeDir(node).resolve(LAUNCH_LOCK))) {
            Optional<ProcessHandle> before = running();
            if (before.isPresent()) {
                throw CommandFault.failed(
                        "%s runs already, as process %d",
                        node.name(), before.get().pid());
            }
            return launch(new ProcessBuilder(command(List.of(), options))
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT));
        } catch (IOException e) {
            throw CommandFault.failed("%s cannot be started: %s", node.name(), Decode.reason(e));
        }
    }

    private List<String> command(List<String> prefix, JvmOptions options) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(options.command());
        command.addAll(List.of(PROGRAM, "--config", dir.config(node).toString()));
        return command;
    }

    private Process launch(ProcessBuilder builder) throws IOException {
        requirePorts();
        Process process = builder.directory(dir.nodeDir(node).toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        dir.disk().replace(dir.pidFile(node), (process.pid() + "\n").getBytes(StandardCharsets.UTF_8));
        awaitProgram(process.toHandle());
        return process;
    }

    /// For a moment after its start a process still carries the command line of what launches it, and would not be
    /// known as the node.
    private void awaitProgram(ProcessHandle process) {
        int looks = 0;
        while (process.isAlive() && !isNode(process) && looks < LAUNCH_LOOKS_MAX && Session.pause(LAUNCH_LOOK_MILLIS)) {
            looks++;
        }
    }

    private void requirePorts() {
        Network.Ports ports = node.ports();
        for (int port : List.of(ports.general(), ports.raft(), ports.operations())) {
            if (!FreePorts.isFree(node.host(), port)) {
                throw CommandFault.failed(
                        "port %d of %s is held by %s; end that process and repeat the command",
                        port, node.name(), FreePorts.holder(port));
            }
        }
    }

    /// Asks the process to stop (SIGTERM) without waiting.
    void requestStop() {
        running().ifPresent(ProcessHandle::destroy);
    }

    /// Waits for a requested stop and kills the process when it takes too long.
    ///
    /// @return false when it had to be killed
    boolean awaitStop(Duration patience) {
        Optional<ProcessHandle> process = running();
        if (process.isEmpty() || ended(process.get(), patience)) {
            return true;
        }
        kill();
        return false;
    }

    /// Ends the process as a power cut would (SIGKILL).
    ///
    /// @return false when it did not run
    boolean kill() {
        Optional<ProcessHandle> process = running();
        process.ifPresent(handle -> {
            handle.destroyForcibly();
            if (!ended(handle, KILL_PATIENCE)) {
                throw CommandFault.failed(
                        "%s (pid %d) does not end although it was killed; it may hang in the kernel on a disk",
                        node.name(), handle.pid());
            }
        });
        return process.isPresent();
    }

    private static boolean ended(ProcessHandle process, Duration patience) {
        try {
            process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return !process.isAlive();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }
}
