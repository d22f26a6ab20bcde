package org.holdfast.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `holdfast node run`.
@Command(name = "node", description = "Runs one node from its own directory.")
final class NodeCommand extends CommandGroup {
    NodeCommand(Session session) {
        super(new Run(session));
    }

    /// The node is a child process with the node's own JVM options; this one waits, has the node join its channels, and
    /// hands on the request to stop.
    @Command(
            name = "run",
            description = "Runs the node of a directory made by 'network create' in the foreground, until SIGTERM or "
                    + "Ctrl-C. Its log goes to standard output. Joins the channels of the directory it is not in yet.",
            footer = {"", "Example, as a service manager would:", "  holdfast node run /srv/orderer1"})
    static final class Run implements Callable<Integer> {
        private static final long STOP_SECONDS = 30;

        private final Session session;

        @Parameters(paramLabel = "DIR", description = "The node's directory.")
        private Path directory = Path.of("");

        Run(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() throws InterruptedException {
            NetworkDir dir = new NetworkDir(session.world().disk(), directory);
            Network network = SettingsFile.placed(session, dir, Nodes.local(dir.load()));
            if (network.nodes().size() != 1) {
                throw CommandFault.usage(
                        "%s holds %d nodes; name the directory of one, or use: holdfast up --dir",
                        dir.root(), network.nodes().size());
            }
            Network.Node node = network.nodes().getFirst();
            Nodes nodes = new Nodes(session, dir, network);
            Process process = nodes.process(node).startInForeground(JvmOptions.current());
            Runnable takeBack = session.world().atShutdown("stop-node", () -> stop(process));
            session.world().start("join", () -> join(nodes, node, process));
            int exit = process.waitFor();
            takeBack.run();
            return exit == 0 ? 0 : CommandFault.FAILED;
        }

        private void join(Nodes nodes, Network.Node node, Process process) {
            try {
                new Startup(session, nodes).takePart(node);
            } catch (CommandFault e) {
                if (process.isAlive()) {
                    session.screen().note("holdfast: %s; the node goes on with what it has".formatted(e.text()));
                }
            }
        }

        private static void stop(Process process) {
            process.destroy();
            try {
                if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
