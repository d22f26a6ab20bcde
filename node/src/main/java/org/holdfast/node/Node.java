package org.holdfast.node;

import java.util.concurrent.CountDownLatch;
import org.holdfast.env.Pool;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.keyspace.Keyspaces;
import org.holdfast.transport.ListenFault;
import org.holdfast.transport.NetThreads;
import org.holdfast.transport.PeerTrust;
import org.holdfast.transport.Services;
import org.holdfast.transport.TlsMaterialException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running node. Parts are started in order and closed in the opposite order.
final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    /// Envelopes that wait for their signature check, over all channels.
    private static final int CHECKS_MAX = 200_000;

    private final Parts parts = new Parts();
    private final CountDownLatch stopAsked = new CountDownLatch(1);

    /// Starts a node.
    ///
    /// @param log what the operations port changes
    /// @param processors how many threads check signatures
    /// @throws BadSettings when the operations address or a Redis door cannot be bound
    /// @throws ListenFault when the general port is taken
    /// @throws TlsMaterialException when certificate or key cannot be used
    static Node start(World world, NodeSettings settings, LogControl log, int processors)
            throws BadSettings, ListenFault, TlsMaterialException {
        Node node = new Node();
        boolean whole = false;
        try {
            node.build(world, settings, log, processors);
            whole = true;
            return node;
        } finally {
            if (!whole) {
                node.close();
            }
        }
    }

    /// Returns when somebody asked the node to stop.
    void awaitStop() throws InterruptedException {
        stopAsked.await();
    }

    void askToStop() {
        stopAsked.countDown();
    }

    @Override
    public void close() {
        parts.close();
    }

    private void build(World world, NodeSettings settings, LogControl log, int processors)
            throws BadSettings, ListenFault, TlsMaterialException {
        NodeHome home = parts.keep(NodeHome.take(world.disk(), settings.paths()));
        Crypto crypto = Crypto.choose();
        LocalIdentity signer = LocalIdentity.load(
                world.disk(), settings.msp().directory(), settings.msp().id(), crypto);
        Certificates certificates = Certificates.load(world.disk(), settings);
        PeerTrust trust = new PeerTrust(world.clock(), settings.general().timeShift());
        NetThreads threads = parts.keep(NetThreads.start(world));
        Links links = parts.keep(
                new Links(threads, certificates.dialling(), settings.cluster(), new PeerClocks(world.clock())));
        Pool pool = parts.keep(world.pool("check", processors, CHECKS_MAX));
        long epoch = home.nextEpoch();
        Keyspaces keyspaces = parts.keep(Keyspaces.start(new Keyspaces.Parts(
                world,
                crypto,
                signer,
                epoch,
                home::state,
                processors,
                settings.state().checkpointBlocks())));
        Channels channels = parts.keep(new Channels(
                new Channels.Shared(world, settings, home, crypto, signer, certificates, trust, links, pool, epoch),
                RedisDoors.feeding(keyspaces, links)));
        StateDigests digests = new StateDigests(keyspaces);
        DigestWatch compared = parts.keep(new DigestWatch(world, channels, digests));
        Listeners listeners = parts.keep(
                Listeners.start(threads, settings, certificates, trust, services(world, settings, channels, digests)));
        RedisDoors redis = parts.keep(RedisDoors.open(world, threads, settings.redis(), keyspaces));
        Monitoring monitoring = parts.keep(Monitoring.start(
                world,
                Monitoring.Plan.of(settings),
                new Monitoring.Watched(channels, keyspaces, compared, redis, links, pool, certificates.named(signer)),
                log));
        NodeReport report = new NodeReport(
                settings.name(),
                channels,
                keyspaces,
                monitoring.health(),
                new NodeReport.Ports(listeners.port(), monitoring.port(), redis.port(), redis.plainPort()));
        parts.keep(ControlSocket.open(
                world,
                settings.paths().controlSocket(),
                new ControlSocket.Verbs(channels, digests, report, this::askToStop)));
        channels.start();
        compared.start();
        if (settings.bootstrap().isPresent()) {
            BootstrapBlock.join(world.disk(), settings.bootstrap().get(), channels);
        }
        parts.keep(
                CertificateWatch.start(world, settings.cluster().certificateWarning(), certificates, signer, channels));
        LOG.info(
                "Beginning to serve requests on {}:{}",
                settings.general().listen().host(),
                listeners.port());
    }

    private static Services services(World world, NodeSettings settings, Channels channels, StateDigests digests) {
        DeliverDoor.Rules rules = new DeliverDoor.Rules(
                settings.general().mutual(),
                settings.authentication().timeWindow(),
                settings.authentication().expiration());
        DoorFigures figures =
                new DoorFigures(world.metrics(), id -> channels.find(id).isPresent());
        return new Services(
                figures.counting(new BroadcastDoor(channels::find)),
                figures.counting(new DeliverDoor(channels::find, world.clock(), rules)),
                new ClusterDoor(channels, world.clock(), digests));
    }
}
