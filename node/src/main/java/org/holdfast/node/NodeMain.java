package org.holdfast.node;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.identity.BadMaterial;
import org.holdfast.transport.ListenFault;
import org.holdfast.transport.TlsMaterialException;
import org.holdfast.wire.Decode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/// The server process: `NodeMain [--config FILE]`. Without a file it reads `orderer.yaml` in the directory that
/// `FABRIC_CFG_PATH` names, else in `/etc/hyperledger/fabric`. Ends with 0 after a clean stop, 1 when it cannot start,
/// 2 on wrong usage.
public final class NodeMain {
    private static final Logger LOG = LoggerFactory.getLogger(NodeMain.class);

    private static final long STOP_SECONDS = 20;
    private static final String USUAL_DIRECTORY = "/etc/hyperledger/fabric";

    private NodeMain() {}

    /// Runs a node until it is asked to stop by SIGTERM, SIGINT or its control socket.
    public static void main(String[] args) {
        boolean named = args.length == 2 && args[0].equals("--config");
        if (!named && args.length != 0) {
            System.err.println("usage: NodeMain [--config FILE]");
            System.exit(2);
        }
        Map<String, String> environment = System.getenv();
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        System.exit(run(named ? Path.of(args[1]) : usualFile(environment), environment));
    }

    /// Where Fabric's orderer finds its settings.
    static Path usualFile(Map<String, String> environment) {
        String directory = environment.getOrDefault("FABRIC_CFG_PATH", "");
        return Path.of(directory.isBlank() ? USUAL_DIRECTORY : directory).resolve("orderer.yaml");
    }

    private static int run(Path config, Map<String, String> environment) {
        World world = World.real();
        try {
            NodeSettings settings = NodeSettings.read(world.disk(), config, environment);
            LogControl log = LogControl.take(world.metrics());
            log.apply(settings.log()).ifPresent(LOG::warn);
            LOG.info("Settings from {}, as in force:", config);
            settings.report().effective().forEach(line -> LOG.info("{}", line));
            settings.report().warnings().forEach(line -> LOG.warn("{}", line));
            Node node = Node.start(world, settings, log, Runtime.getRuntime().availableProcessors());
            CountDownLatch stopped = new CountDownLatch(1);
            world.atShutdown("shutdown", () -> stop(node, stopped));
            node.awaitStop();
            LOG.info("Stopping");
            node.close();
            LOG.info("Stopped");
            stopped.countDown();
            return 0;
        } catch (BadSettings e) {
            return fail("The settings in " + config + " cannot be used:" + System.lineSeparator() + Decode.reason(e));
        } catch (ListenFault | TlsMaterialException | BadMaterial | DiskFault e) {
            return fail(Decode.reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return fail("interrupted");
        }
    }

    /// SIGTERM: has the main thread stop the node, and waits for it.
    private static void stop(Node node, CountDownLatch stopped) {
        node.askToStop();
        try {
            if (!stopped.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.error("The node did not stop within {} s", STOP_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int fail(String reason) {
        LOG.error("The node does not start: {}", reason);
        System.err.println("holdfast node: " + reason);
        return 1;
    }
}
