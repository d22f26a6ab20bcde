package org.holdfast.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `holdfast down`.
@Command(name = "down", description = "Stops all nodes and waits until they have ended. The data stays.")
final class DownCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final DirOption dirOption = new DirOption();

    DownCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        NetworkDir dir = dirOption.open(session);
        Nodes nodes = new Nodes(session, dir, dir.load());
        List<Network.Node> running = nodes.running();
        nodes.stop(running);
        session.screen()
                .say(
                        running.isEmpty()
                                ? "no node was running"
                                : "%d nodes stopped; the data stays in %s".formatted(running.size(), dir.root()));
        return 0;
    }
}
