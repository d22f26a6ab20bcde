package org.holdfast.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.util.concurrent.TimeUnit;

/// Opens gRPC channels to other programs.
final class Wire {
    static final int MESSAGE_BYTES_MAX = 100 << 20;

    private static final int FLOW_WINDOW_BYTES = 1 << 20;
    private static final int CONNECT_MILLIS = 2_000;
    private static final long PING_TIMEOUT_SECONDS = 5;

    private Wire() {}

    /// A channel that connects when first used, straight to the target: no proxy the environment may name.
    ///
    /// @param pingSeconds how long the line may be silent before it is tried
    static ManagedChannel open(NetThreads threads, Target target, SslContext tls, long pingSeconds) {
        return NettyChannelBuilder.forAddress(target.host(), target.port())
                .channelType(NioSocketChannel.class)
                .eventLoopGroup(threads.loops())
                .executor(threads.callbacks())
                .proxyDetector(_ -> null)
                .sslContext(tls)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .flowControlWindow(FLOW_WINDOW_BYTES)
                .keepAliveTime(pingSeconds, TimeUnit.SECONDS)
                .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .build();
    }
}
