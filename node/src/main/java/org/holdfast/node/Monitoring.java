package org.holdfast.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.env.Pool;
import org.holdfast.env.World;
import org.holdfast.keyspace.Keyspaces;
import org.holdfast.transport.TlsMaterialException;

/// Everything by which operators and their tools watch a node: its figures, the operations port, the statsd server.
/// Parts are closed in the opposite order of their start.
final class Monitoring implements AutoCloseable {
    /// What the settings want.
    ///
    /// @param listen empty = no operations port
    /// @param address that other members reach this node at
    /// @param prometheus whether the operations port shows figures
    /// @param directories of data, whose room is watched
    record Plan(
            Optional<NodeSettings.Address> listen,
            String address,
            Optional<OperationsTls.Files> tls,
            boolean prometheus,
            Optional<StatsdPush.Target> statsd,
            List<Path> directories) {
        /// What the settings of a node want.
        static Plan of(NodeSettings settings) {
            NodeSettings.MetricsSettings metrics = settings.metrics();
            NodeSettings.Statsd statsd = metrics.statsd();
            StatsdPush.Target target =
                    new StatsdPush.Target(statsd.tcp(), statsd.address(), statsd.writeInterval(), statsd.prefix());
            return new Plan(
                    settings.operations().listen(),
                    settings.engine().advertisedHost(),
                    settings.operations()
                            .tls()
                            .map(tls -> new OperationsTls.Files(
                                    tls.certificate(), tls.key(), tls.clientCertificateRequired(), tls.clientRoots())),
                    metrics.provider() == NodeSettings.MetricsSettings.Provider.PROMETHEUS,
                    metrics.provider() == NodeSettings.MetricsSettings.Provider.STATSD
                            ? Optional.of(target)
                            : Optional.empty(),
                    List.of(settings.paths().ledger(), settings.paths().engine()));
        }
    }

    /// What is watched.
    ///
    /// @param certificates of this node, by what they are for
    record Watched(
            Channels channels,
            Keyspaces keyspaces,
            DigestWatch digests,
            RedisDoors redis,
            Links links,
            Pool pool,
            Map<String, X509Certificate> certificates) {}

    private final Parts parts = new Parts();
    private final Health health;
    private volatile int port;

    private Monitoring(Health health) {
        this.health = health;
    }

    /// Begins to watch; the node may be starting still.
    ///
    /// @throws BadSettings when the operations address cannot be bound
    /// @throws TlsMaterialException when the operations port's certificate or key cannot be used
    static Monitoring start(World world, Plan plan, Watched watched, LogControl log)
            throws BadSettings, TlsMaterialException {
        Monitoring monitoring = new Monitoring(
                new Health(watched.channels, watched.keyspaces, watched.digests, world.disk(), plan.directories));
        boolean whole = false;
        try {
            monitoring.build(world, plan, watched, log);
            whole = true;
            return monitoring;
        } finally {
            if (!whole) {
                monitoring.close();
            }
        }
    }

    Health health() {
        return health;
    }

    /// The operations port as it is bound; 0 = none.
    int port() {
        return port;
    }

    @Override
    public void close() {
        parts.close();
    }

    private void build(World world, Plan plan, Watched watched, LogControl log)
            throws BadSettings, TlsMaterialException {
        NodeFigures figures = parts.keep(new NodeFigures(world));
        figures.node(watched.channels, watched.links, watched.pool, health);
        watched.certificates.forEach(figures::certificate);
        plan.directories.forEach(figures::directory);
        if (plan.listen.isPresent()) {
            Optional<OperationsTls> tls = Optional.empty();
            if (plan.tls.isPresent()) {
                tls = Optional.of(OperationsTls.load(world.disk(), plan.tls.get()));
                figures.certificate("operations", tls.get().certificate());
            }
            OperationsPages.Sources sources =
                    new OperationsPages.Sources(world.clock(), health::failures, log, world.metrics(), plan.prometheus);
            Map<String, Operations.Page> pages = new TreeMap<>(OperationsPages.of(sources));
            pages.putAll(KeyspacePages.of(keyspacePages(world, plan, watched)));
            port = open(world, plan.listen.get(), tls, pages).port();
        }
        plan.statsd.ifPresent(target -> parts.keep(StatsdPush.start(world, target)));
    }

    private KeyspacePages.Sources keyspacePages(World world, Plan plan, Watched watched) {
        boolean changeable = plan.tls.isPresent()
                || plan.listen.filter(Monitoring::ofThisMachineOnly).isPresent();
        return new KeyspacePages.Sources(
                world, watched.channels, watched.keyspaces, watched.redis, plan.address, () -> port, changeable);
    }

    private static boolean ofThisMachineOnly(NodeSettings.Address address) {
        InetSocketAddress at = new InetSocketAddress(address.host(), address.port());
        return !at.isUnresolved() && at.getAddress().isLoopbackAddress();
    }

    private Operations open(
            World world, NodeSettings.Address address, Optional<OperationsTls> tls, Map<String, Operations.Page> pages)
            throws BadSettings {
        try {
            return parts.keep(Operations.start(world, address, tls, pages));
        } catch (IOException e) {
            throw new BadSettings(
                    List.of("Operations.ListenAddress %s cannot be bound (%s): free the port or set another"
                            .formatted(address, e.getMessage())));
        }
    }
}
