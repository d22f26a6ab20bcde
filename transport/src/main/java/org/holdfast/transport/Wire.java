package org.holdfast.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Opens gRPC channels to other programs.
final class Wire {
    static final int MESSAGE_BYTES_MAX = 100 << 20;

    private static final int FLOW_WINDOW_BYTES = 1 << 20;
    static final Duration CONNECT = Duration.ofSeconds(2);
    private static final long PING_TIMEOUT_SECONDS = 5;

    private Wire() {}

    static ManagedChannel open(NetThreads threads, Target target, SslContext tls, long pingSeconds) {
        return open(threads, target, tls, pingSeconds, CONNECT);
    }

    /// A channel that connects when first used, straight to the target: no proxy the environment may name.
    ///
    /// @param pingSeconds how long the line may be silent before it is tried
    /// @param connect longest attempt to connect; where it is not given, 2 s
    static ManagedChannel open(NetThreads threads, Target target, SslContext tls, long pingSeconds, Duration connect) {
        return NettyChannelBuilder.forAddress(target.host(), target.port())
                .channelType(NioSocketChannel.class)
                .eventLoopGroup(threads.loops())
                .executor(threads.callbacks())
                .proxyDetector(_ -> null)
                .sslContext(tls)
                .withOption(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(Math.min(connect.toMillis(), Integer.MAX_VALUE)))
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .flowControlWindow(FLOW_WINDOW_BYTES)
                .keepAliveTime(pingSeconds, TimeUnit.SECONDS)
                .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .build();
    }
}
