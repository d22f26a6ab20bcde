package org.holdfast.cli;

import java.util.concurrent.Callable;
import org.holdfast.env.Disk;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `holdfast destroy`.
@Command(name = "destroy", description = "Stops all nodes and deletes the network with all its data.")
final class DestroyCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final DirOption dirOption = new DirOption();

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    DestroyCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        NetworkDir dir = dirOption.open(session);
        if (!session.world().disk().exists(dir.root())) {
            throw CommandFault.failed("%s does not exist; there is nothing to destroy", dir.root());
        }
        dir.requireOurs();
        if (!yes && !session.screen().confirmed("Delete %s with all its data?".formatted(dir.root()))) {
            throw CommandFault.usage("nothing was deleted; say --yes to delete %s without a question", dir.root());
        }
        try (Disk.DiskLock _ = dir.lock()) {
            if (dir.exists()) {
                Network network = dir.load();
                Nodes nodes = new Nodes(session, dir, network);
                nodes.stop(nodes.running());
                network.nodes().forEach(node -> session.world().disk().delete(dir.control(node)));
            }
            dir.delete();
        }
        session.screen().say("deleted " + dir.root());
        return 0;
    }
}
