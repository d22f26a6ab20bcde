package org.holdfast.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.wire.Decode;
import tools.jackson.core.JacksonException;

/// A network's directory on disk.
///
/// A first run makes everything under `making/`, renames that to `made/` when it is complete and on disk, then moves
/// the children out, network.json last. So: no network.json and `making/` = start again; `made/` = move the rest;
/// network.json = a whole network. A directory with anything else in it is not ours and is left alone.
final class NetworkDir {
    static final String NETWORK = "network.json";
    static final String CRYPTO = "crypto";
    static final String CHANNELS = "channels";
    static final String NODES = "nodes";

    private static final String MAKING = "making";
    private static final String MADE = "made";
    private static final String LOCK = "up.lock";
    private static final String HOLDER = "up.pid";
    private static final String CHANGING = "change.lock";
    private static final long CHANGING_PATIENCE_SECONDS = 60;
    private static final long LOOK_AGAIN_MILLIS = 50;
    /// Moved in this order: network.json stands for all of them.
    private static final List<String> PARTS = List.of(CRYPTO, CHANNELS, NODES, NETWORK);

    private static final String DESTROYING = "destroying";
    private static final Set<String> BESIDE =
            Set.of(NETWORK + ".new", MAKING, MADE, DESTROYING, LOCK, HOLDER, HOLDER + ".new", CHANGING);

    private final Disk disk;
    private final Path root;

    NetworkDir(Disk disk, Path root) {
        this.disk = disk;
        this.root = canonical(root);
    }

    /// One name for one directory, whatever links lead to it: a node's process is known by its settings file's path.
    private static Path canonical(Path path) {
        try {
            return path.toFile().getCanonicalFile().toPath();
        } catch (IOException e) {
            throw CommandFault.failed("%s cannot be reached: %s", path, Decode.reason(e));
        }
    }

    Disk disk() {
        return disk;
    }

    Path root() {
        return root;
    }

    Path path(String relative) {
        return root.resolve(relative).normalize();
    }

    Path making() {
        return path(MAKING);
    }

    /// Where a node's settings lie; its data, log and pid file are beside them.
    Path nodeDir(Network.Node node) {
        Path directory = config(node).getParent();
        return directory == null ? root : directory;
    }

    Path config(Network.Node node) {
        return path(node.config());
    }

    Path control(Network.Node node) {
        return path(node.control());
    }

    Path log(Network.Node node) {
        return nodeDir(node).resolve("node.log");
    }

    Path pidFile(Network.Node node) {
        return nodeDir(node).resolve("node.pid");
    }

    /// Whether a whole network is here.
    boolean exists() {
        return disk.exists(path(NETWORK));
    }

    /// @throws CommandFault when there is no network, or one this program cannot read
    Network load() {
        if (!exists()) {
            throw CommandFault.failed(
                    "there is no network in %s; make one with: holdfast up --dir %s", root, shellWord(root.toString()));
        }
        Path file = path(NETWORK);
        Network network;
        try {
            network = Json.read(disk.read(file), Network.class);
        } catch (JacksonException e) {
            throw CommandFault.failed(
                    "%s cannot be read: %s; restore it from a copy, or remove the network with: holdfast destroy",
                    file, e.getOriginalMessage());
        }
        if (network.version() != Network.VERSION) {
            throw CommandFault.failed(
                    "%s has version %d, this program reads version %d; use the holdfast that made it",
                    file, network.version(), Network.VERSION);
        }
        return network;
    }

    void save(Network network) {
        disk.replace(path(NETWORK), bytes(network));
    }

    static byte[] bytes(Network network) {
        return Json.pretty(network).getBytes(StandardCharsets.UTF_8);
    }

    /// Makes the directory ready for a first run, or finishes an interrupted one.
    ///
    /// @return true when a network has to be made under [#making]
    /// @throws CommandFault when something else lives here
    boolean prepare() {
        if (exists()) {
            disk.deleteTree(path(MADE));
            return false;
        }
        if (disk.exists(path(MADE))) {
            moveParts();
            return false;
        }
        requireOurs();
        if (disk.exists(path(DESTROYING))) {
            PARTS.forEach(part -> disk.deleteTree(path(part)));
            disk.deleteTree(path(DESTROYING));
        }
        disk.deleteTree(making());
        disk.createDirectories(making());
        return true;
    }

    /// Makes what lies under [#making] the network of this directory.
    void commit() {
        disk.forceDirectory(making());
        disk.move(making(), path(MADE));
        disk.forceDirectory(root);
        moveParts();
    }

    private void moveParts() {
        Path made = path(MADE);
        for (String part : PARTS) {
            if (disk.exists(made.resolve(part))) {
                disk.move(made.resolve(part), path(part));
            }
        }
        disk.forceDirectory(root);
        disk.deleteTree(made);
    }

    /// @throws CommandFault when the directory holds anything that no network has
    void requireOurs() {
        boolean partsAreOurs = exists() || disk.exists(path(DESTROYING));
        for (Path entry : disk.list(root)) {
            String name = String.valueOf(entry.getFileName());
            if (!BESIDE.contains(name) && !(partsAreOurs && PARTS.contains(name))) {
                throw CommandFault.failed(
                        "%s is not a network directory (it holds %s); name an empty or a new one with --dir",
                        root, name);
            }
        }
    }

    /// Deletes the network. Everything of it must have stopped.
    void delete() {
        requireOurs();
        // The mark lets an interrupted deletion be finished by the next up or destroy.
        disk.createDirectories(path(DESTROYING));
        disk.delete(path(NETWORK));
        disk.deleteTree(root);
    }

    /// Takes the right to look after this network until the process ends or the result is closed.
    ///
    /// @throws CommandFault when another command has it
    Disk.DiskLock lock() {
        disk.createDirectories(root);
        Disk.DiskLock lock;
        try {
            lock = disk.lock(path(LOCK));
        } catch (DiskFault held) {
            String holder = disk.exists(path(HOLDER))
                    ? " (pid " + new String(disk.read(path(HOLDER)), StandardCharsets.UTF_8).strip() + ")"
                    : "";
            throw CommandFault.failed(
                    "another 'holdfast up'%s is looking after %s; use 'holdfast status' to see it, end it with Ctrl-C",
                    holder, root);
        }
        disk.replace(path(HOLDER), (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8));
        return lock;
    }

    /// Waits for the right to change what network.json says: it is read, changed and written by one command at a time.
    ///
    /// @throws CommandFault when another command has it for a minute
    Disk.DiskLock change(Session session) {
        long began = session.world().clock().nanos();
        while (true) {
            try {
                return disk.lock(path(CHANGING));
            } catch (DiskFault held) {
                if (session.secondsSince(began) > CHANGING_PATIENCE_SECONDS || !Session.pause(LOOK_AGAIN_MILLIS)) {
                    throw CommandFault.failed(
                            "another command is changing %s; end it, or wait for it, and try again", root);
                }
            }
        }
    }

    /// A word as a shell would take it.
    static String shellWord(String word) {
        return word.matches("[A-Za-z0-9_./:@%+=,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
