package org.holdfast.env;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/// Finds which process listens on a TCP port, for a text that helps an operator. Linux only, and only for processes the
/// caller may look into; elsewhere the answer is empty.
///
/// Source: proc(5): `/proc/net/tcp` lists sockets as `sl local_address rem_address st ... inode`, state 0A = listening,
/// and `/proc/PID/fd/N` links to `socket:[inode]`.
public final class PortHolder {
    private static final Path PROC = Path.of("/proc");
    private static final String LISTENING = "0A";
    private static final int LOCAL = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;

    private PortHolder() {}

    /// The process that listens on a port of this machine, empty when none is found.
    public static OptionalLong pidListeningOn(int port) {
        try {
            Set<String> sockets = new HashSet<>();
            collect(PROC.resolve("net/tcp"), port, sockets);
            collect(PROC.resolve("net/tcp6"), port, sockets);
            return sockets.isEmpty() ? OptionalLong.empty() : owner(sockets);
        } catch (IOException unreadable) {
            return OptionalLong.empty();
        }
    }

    private static void collect(Path table, int port, Set<String> sockets) throws IOException {
        if (!Files.isReadable(table)) {
            return;
        }
        String suffix = ":%04X".formatted(port);
        for (String line : Files.readAllLines(table)) {
            String[] fields = line.strip().split("\\s+", -1);
            if (fields.length > INODE && fields[LOCAL].endsWith(suffix) && fields[STATE].equals(LISTENING)) {
                sockets.add("socket:[" + fields[INODE] + "]");
            }
        }
    }

    private static OptionalLong owner(Set<String> sockets) throws IOException {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (holdsAny(process.resolve("fd"), sockets)) {
                    return OptionalLong.of(Long.parseLong(String.valueOf(process.getFileName())));
                }
            }
        }
        return OptionalLong.empty();
    }

    private static boolean holdsAny(Path descriptors, Set<String> sockets) {
        try (DirectoryStream<Path> links = Files.newDirectoryStream(descriptors)) {
            for (Path link : links) {
                if (sockets.contains(Files.readSymbolicLink(link).toString())) {
                    return true;
                }
            }
        } catch (IOException notOurs) {
            // Another user's process, or one that has just ended: it cannot be looked into.
            return false;
        }
        return false;
    }
}
