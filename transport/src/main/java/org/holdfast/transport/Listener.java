package org.holdfast.transport;

import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.X509ExtendedTrustManager;
import org.holdfast.env.Invariant;
import org.holdfast.env.World;
import org.holdfast.transport.ListenerSettings.Serves;

/// A gRPC port: AtomicBroadcast for clients, Cluster for members, or both, over (mutual) TLS; for clients alone also
/// plain.
public final class Listener implements AutoCloseable {
    private static final int STREAMS_PER_CONNECTION_MAX = 1024;
    private static final int FLOW_WINDOW_BYTES = 1 << 20;

    // Our links ping every 10 s; whoever pings much faster is told to go.
    private static final Duration MEMBER_PINGS = Duration.ofSeconds(5);
    // gRPC itself resets a stream without a word when a message is too large. Up to this many times the limit we read a
    // message and say what is wrong with it.
    private static final long TOLD_FACTOR = 2;

    private static final long END_SECONDS = 5;

    // gRPC warns, with a stack trace, of each stream a client resets while data is on its way: a reader that leaves.
    // Held
    // here, because the JDK forgets the level of a logger nobody holds.
    private static final java.util.logging.Logger RESET_STREAMS = quiet("io.grpc.netty.NettyServerHandler");

    // The same for a message so large that gRPC resets its stream.
    private static final java.util.logging.Logger LARGE_MESSAGES = quiet("io.grpc.netty.NettyServerStream");

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
        X509ExtendedTrustManager lets = settings.serves() == Serves.MEMBERS
                ? trust.membersOnly()
                : trust.atListener(settings.clientCertificateRequired());
        boolean required = settings.serves() == Serves.MEMBERS || settings.clientCertificateRequired();
        SslContext tls = TlsContexts.server(keys, lets, required);
        return start(threads, settings, builder -> builder.sslContext(tls), trust, services);
    }

    /// The same without TLS, for clients alone: members are known by their TLS keys.
    ///
    /// @throws ListenFault when the port cannot be had
    public static Listener plain(NetThreads threads, ListenerSettings settings, Services services) throws ListenFault {
        Invariant.check(settings.serves() == Serves.CLIENTS, "members are served over TLS only");
        return start(threads, settings, UnaryOperator.identity(), new PeerTrust(), services);
    }

    private static Listener start(
            NetThreads threads,
            ListenerSettings settings,
            UnaryOperator<NettyServerBuilder> security,
            PeerTrust trust,
            Services services)
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
        LARGE_MESSAGES.fine("a listener starts");
        ListenerSettings.Keepalive keepalive = settings.keepalive();
        NettyServerBuilder builder = security.apply(NettyServerBuilder.forAddress(address))
                .channelFactory(connections::newServerChannel)
                .bossEventLoopGroup(threads.acceptor())
                .workerEventLoopGroup(threads.loops())
                .executor(threads.callbacks())
                .callExecutor(threads.callbacksOf(Methods.BROADCAST))
                .addTransportFilter(connections.filter())
                .addTransportFilter(figures.connections())
                .handshakeTimeout(limits.timeouts().handshake().toMillis(), TimeUnit.MILLISECONDS)
                .maxInboundMessageSize(Math.clamp(TOLD_FACTOR * limits.messageBytes(), 0, Integer.MAX_VALUE))
                .maxConcurrentCallsPerConnection(STREAMS_PER_CONNECTION_MAX)
                .flowControlWindow(FLOW_WINDOW_BYTES)
                .permitKeepAliveTime(permitted(settings).toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(keepalive.interval().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(keepalive.timeout().toMillis(), TimeUnit.MILLISECONDS);
        if (settings.serves() != Serves.MEMBERS) {
            builder.addService(ServerInterceptors.intercept(
                    figures.counting(atomicBroadcast(services, connections, world, limits)),
                    new SentLimit(settings.sentBytes())));
        }
        if (settings.serves() != Serves.CLIENTS) {
            builder.addService(figures.counting(cluster(services, connections, world, limits)));
        }
        return new Listener(bound(builder.build(), settings));
    }

    /// A tenth less than clients are told: a ping that is sent on time may arrive a little early.
    static Duration permitted(ListenerSettings settings) {
        Duration asked = settings.keepalive().clientInterval().multipliedBy(9).dividedBy(10);
        boolean members = settings.serves() != Serves.CLIENTS;
        return members && asked.compareTo(MEMBER_PINGS) > 0 ? MEMBER_PINGS : asked;
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
                                        call, services.broadcast(), connections.peerOf(call), limits, budget)
                                .open())
                .addMethod(
                        Methods.DELIVER,
                        (call, headers) -> new DeliverCall(
                                        call, services.deliver(), connections.peerOf(call), world, limits)
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
                .addMethod(Methods.CHECKPOINT, calls.checkpoint())
                .addMethod(Methods.ASK, calls.ask())
                .build();
    }
}
