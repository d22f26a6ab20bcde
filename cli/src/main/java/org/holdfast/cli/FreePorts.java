package org.holdfast.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.holdfast.env.Chance;
import org.holdfast.env.PortHolder;

/// Finds TCP ports for new nodes, and says who sits on a port that is taken.
///
/// Ports are looked for below 32768: the kernel hands out the ones above to outgoing connections, one of which could
/// take a node's port while the node is down.
final class FreePorts {
    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    private static final int PORT_MAX = 65_535;

    private FreePorts() {}

    /// Free ports that follow each other as closely as others leave room.
    ///
    /// @param host address to listen on
    /// @param first where to start looking; chosen at random when empty
    /// @throws CommandFault when there are not enough
    static List<Integer> choose(String host, int count, OptionalInt first, Chance chance) {
        int from = first.orElseGet(() -> LOWEST + (int) Math.floorMod(chance.nextLong(), HIGHEST - LOWEST - 1000L));
        int until = first.isPresent() ? PORT_MAX : HIGHEST;
        List<Integer> free = new ArrayList<>();
        for (int port = from; port <= until && free.size() < count; port++) {
            if (isFree(host, port)) {
                free.add(port);
            }
        }
        if (free.size() < count) {
            throw CommandFault.failed(
                    "only %d of %d ports are free from %d on; name another start with --ports",
                    free.size(), count, from);
        }
        return free;
    }

    static boolean isFree(String host, int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    /// Who listens on a port, as words to put after "held by".
    static String holder(int port) {
        OptionalLong pid = PortHolder.pidListeningOn(port);
        if (pid.isEmpty()) {
            return "a process that cannot be determined";
        }
        String command = ProcessHandle.of(pid.getAsLong())
                .flatMap(process -> process.info().command())
                .orElse("unknown program");
        return "process %d (%s)".formatted(pid.getAsLong(), command);
    }
}
