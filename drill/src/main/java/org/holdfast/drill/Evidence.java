package org.holdfast.drill;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.env.Disk;

/// What the nodes of a sandbox printed last. A sandbox is deleted with its test, and where the test ran nobody looks:
/// what the log of the test does not show is lost.
public final class Evidence {
    private static final int LINES_MAX = 150;
    private static final int BYTES_MAX = 1 << 20;
    /// Said of every block, many times a second: the rest says more.
    private static final String EVERY_BLOCK = "] Writing block [";

    private Evidence() {}

    /// Tells the end of each node's output, over all its starts, line by line.
    public static void tell(Sandbox sandbox, Consumer<String> told) {
        for (SandboxNode node : sandbox.nodes()) {
            List<String> lines = tail(sandbox.world().disk(), node);
            told.accept("---- %s, %s: the last %d lines of its output"
                    .formatted(node.name(), node.isRunning() ? "running" : "down", lines.size()));
            lines.forEach(told);
        }
        told.accept("---- end of the nodes' output");
    }

    private static List<String> tail(Disk disk, SandboxNode node) {
        if (!disk.exists(node.output())) {
            return List.of();
        }
        byte[] all = disk.read(node.output());
        int from = Math.max(0, all.length - BYTES_MAX);
        List<String> lines = new String(all, from, all.length - from, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.contains(EVERY_BLOCK))
                .toList();
        return lines.subList(Math.max(0, lines.size() - LINES_MAX), lines.size());
    }
}
