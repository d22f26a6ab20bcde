package org.holdfast.transport;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.World;

/// One general gRPC port: AtomicBroadcast for clients, Cluster for members, both over (mutual) TLS.
public final class Listener implements AutoCloseable {
    private static final int STREAMS_PER_CONNECTION_MAX = 1024;
    private static final int FLOW_WINDOW_BYTES = 1 << 20;

    // Fabric's peers and SDKs ping every 60 s, our links every 10 s; whoever pings much faster is told to go.
    private static final long PING_PERMITTED_SECONDS = 5;
    private static final long PING_SECONDS = 60;
    private static final long PING_TIMEOUT_SECONDS = 20;
    private static final long END_SECONDS = 5;

    // gRPC warns, with a stack trace, of each stream a client resets while data is on its way: a reader that leaves.
    // Held
    // here, because the JDK forgets the level of a logger nobody holds.
    private static final java.util.logging.Logger RESET_STREAMS = quiet("io.grpc.netty.NettyServerHandler");

    private final Server server;

    private Listener(Server server) {
        this.server = server;
    }

    /// Opens the port and serves until closed.
    ///
    /// @throws ListenFault when the port cannot be had
    public static Listener start(
            NetThreads threads, ListenerSettings settings, TlsKeys keys, PeerTrust trust, Services services)
            throws ListenFault {
        World world = threads.world();
        ListenerSettings.Limits limits = settings.limits();
        TransportFigures figures = new TransportFigures(world);
        Connections connections = new Connections(trust, limits.connections(), world.clock());
        InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
        if (address.isUnresolved()) {
            throw new ListenFault(
                    "cannot listen on %s: the host name does not resolve; set a local address or 0.0.0.0"
                            .formatted(target(settings)),
                    null);
        }
        RESET_STREAMS.fine("a listener starts");
        Server server = NettyServerBuilder.forAddress(address)
                .channelFactory(connections::newServerChannel)
                .bossEventLoopGroup(threads.acceptor())
                .workerEventLoopGroup(threads.loops())
                .executor(threads.callbacks())
                .sslContext(TlsContexts.server(
                        keys,
                        trust.atListener(settings.clientCertificateRequired()),
                        settings.clientCertificateRequired()))
                .addTransportFilter(connections.filter())
                .addTransportFilter(figures.connections())
                .handshakeTimeout(limits.timeouts().handshake().toMillis(), TimeUnit.MILLISECONDS)
                .maxInboundMessageSize(limits.messageBytes())
                .maxConcurrentCallsPerConnection(STREAMS_PER_CONNECTION_MAX)
                .flowControlWindow(FLOW_WINDOW_BYTES)
                .permitKeepAliveTime(PING_PERMITTED_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .addService(figures.counting(atomicBroadcast(services, connections, world, limits)))
                .addService(figures.counting(cluster(services, connections, world, limits)))
                .build();
        return new Listener(bound(server, settings));
    }

    /// The port it listens on.
    public int port() {
        return server.getPort();
    }

    /// Closes the port and every connection.
    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static java.util.logging.Logger quiet(String name) {
        java.util.logging.Logger logger = java.util.logging.Logger.getLogger(name);
        logger.setLevel(java.util.logging.Level.SEVERE);
        return logger;
    }

    private static Server bound(Server server, ListenerSettings settings) throws ListenFault {
        try {
            return server.start();
        } catch (IOException e) {
            boolean busy = e.getCause() instanceof BindException;
            String advice = busy
                    ? "stop the program that holds the port, or set another address (see `ss -ltnp`)"
                    : "check the address";
            String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
            throw new ListenFault("cannot listen on %s: %s; %s".formatted(target(settings), reason, advice), e);
        }
    }

    private static Target target(ListenerSettings settings) {
        return new Target(settings.host(), settings.port());
    }

    private static ServerServiceDefinition atomicBroadcast(
            Services services, Connections connections, World world, ListenerSettings.Limits limits) {
        ByteBudget budget = new ByteBudget(limits.unansweredBytes());
        return ServerServiceDefinition.builder(Methods.ATOMIC_BROADCAST)
                .addMethod(
                        Methods.BROADCAST,
                        (call, headers) -> new BroadcastCall(
                                        call, services.broadcast(), connections.peerOf(call), limits.window(), budget)
                                .open())
                .addMethod(
                        Methods.DELIVER,
                        (call, headers) -> new DeliverCall(
                                        call,
                                        services.deliver(),
                                        connections.peerOf(call),
                                        world,
                                        new Outflow(
                                                call,
                                                world.clock(),
                                                limits.timeouts().readerStall()))
                                .open())
                .build();
    }

    private static ServerServiceDefinition cluster(
            Services services, Connections connections, World world, ListenerSettings.Limits limits) {
        ClusterCalls calls = new ClusterCalls(
                services.cluster(), connections, world, limits.timeouts().readerStall());
        return ServerServiceDefinition.builder(Methods.CLUSTER)
                .addMethod(Methods.RENDEZVOUS, calls.rendezvous())
                .addMethod(Methods.SUBMIT, calls.submit())
                .addMethod(Methods.BLOCKS, calls.blocks())
                .build();
    }
}
