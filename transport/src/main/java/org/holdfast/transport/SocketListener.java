package org.holdfast.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A port for a protocol other than gRPC, plain or over TLS, on the event loops all listeners share. What is read and
/// written on a connection is the business of who fills its pipeline; a handler never blocks.
///
/// The side a client has closed for writing stays open for its answers (half-closure is allowed).
public final class SocketListener implements AutoCloseable {
    private static final int BACKLOG = 511;

    private final Channel channel;

    private SocketListener(Channel channel) {
        this.channel = channel;
    }

    /// Where a socket listener listens.
    ///
    /// @param host address to bind, `0.0.0.0` for all
    /// @param port 0 lets the system choose, see [SocketListener#port]
    /// @param handshake how long a client's TLS handshake may take before it is cut
    public record Place(String host, int port, Duration handshake) {}

    /// TLS of a socket listener.
    ///
    /// @param keys own certificate and key, read again at every handshake
    /// @param trust who is let in when a client's certificate is wanted
    /// @param clientCertificateRequired whether a client without a trusted certificate is turned away
    public record Tls(TlsKeys keys, PeerTrust trust, boolean clientCertificateRequired) {}

    /// Opens the port.
    ///
    /// @param tls null for a plain port
    /// @param fill called on the event loop for each accepted connection, before its first byte
    /// @throws ListenFault when the port cannot be had
    public static SocketListener start(NetThreads threads, Place place, @Nullable Tls tls, Consumer<SocketChannel> fill)
            throws ListenFault {
        InetSocketAddress address = new InetSocketAddress(place.host(), place.port());
        if (address.isUnresolved()) {
            throw new ListenFault(
                    "cannot listen on %s: the host name does not resolve; set a local address or 0.0.0.0"
                            .formatted(new Target(place.host(), place.port())),
                    null);
        }
        SslContext context = tls == null
                ? null
                : TlsContexts.server(
                        tls.keys(),
                        tls.trust().atListener(tls.clientCertificateRequired()),
                        tls.clientCertificateRequired());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(threads.acceptor(), threads.loops())
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel accepted) {
                        if (context != null) {
                            SslHandler handler = context.newHandler(accepted.alloc());
                            handler.setHandshakeTimeoutMillis(place.handshake().toMillis());
                            accepted.pipeline().addLast(handler);
                        }
                        fill.accept(accepted);
                    }
                });
        return new SocketListener(bound(bootstrap, address, place));
    }

    /// The port it listens on.
    public int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /// Closes the port. Connections that were accepted live on: closing them is for who filled their pipelines.
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
    }

    private static Channel bound(ServerBootstrap bootstrap, InetSocketAddress address, Place place) throws ListenFault {
        ChannelFuture binding = bootstrap.bind(address).awaitUninterruptibly();
        if (binding.isSuccess()) {
            return binding.channel();
        }
        Throwable cause = binding.cause();
        String advice = cause instanceof BindException
                ? "stop the program that holds the port, or set another address (see `ss -ltnp`)"
                : "check the address";
        throw new ListenFault(
                "cannot listen on %s: %s; %s"
                        .formatted(new Target(place.host(), place.port()), cause.getMessage(), advice),
                cause);
    }
}
