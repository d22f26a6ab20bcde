package org.holdfast.cli;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.holdfast.env.Disk;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `holdfast logs`.
@Command(
        name = "logs",
        description = "Shows the end of a node's log.",
        footer = {"", "Example:", "  holdfast logs node2 -f -n 50"})
final class LogsCommand implements Callable<Integer> {
    private static final long LOOK_AGAIN_MILLIS = 200;
    private static final int CHUNK = 64 * 1024;

    private final Session session;

    @Mixin
    private final DirOption dirOption = new DirOption();

    @Parameters(paramLabel = "NODE", description = "The node's name, e.g. node1.")
    private String name = "";

    @Option(names = "-f", description = "Go on with what is written from now on.")
    private boolean follow;

    @Option(
            names = "-n",
            paramLabel = "LINES",
            description = "How many lines (default: ${DEFAULT-VALUE}).",
            defaultValue = "100")
    private long lines = 100;

    LogsCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        if (lines < 0) {
            throw CommandFault.usage("-n is %d, it must not be negative", lines);
        }
        NetworkDir dir = dirOption.open(session);
        Path log = dir.log(Nodes.local(dir.load()).node(name));
        Disk disk = session.world().disk();
        if (!disk.exists(log)) {
            throw CommandFault.failed("%s has written no log yet; start it with: holdfast up", name);
        }
        try (Disk.DiskFile file = disk.openRead(log);
                Output out = session.screen().bulk()) {
            long position = lines == 0 ? file.size() : NodeLog.startOfLast(file, lines);
            boolean open = true;
            while (open) {
                position = copy(file, position, out);
                open = follow && out.flush() && Session.pause(LOOK_AGAIN_MILLIS);
            }
        }
        return 0;
    }

    private static long copy(Disk.DiskFile file, long from, Output out) {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        long position = from;
        while (true) {
            buffer.clear();
            int count = file.read(buffer, position);
            if (count == 0) {
                return position;
            }
            out.write(buffer.array(), count);
            position += count;
        }
    }
}
