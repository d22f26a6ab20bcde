package org.holdfast.transport;

import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.World;

/// The threads all listeners and links of a process share: a few event loops for sockets, and virtual threads for
/// everything that runs code of other rooms. Close it after what uses it.
public final class NetThreads implements AutoCloseable {
    private static final int LOOPS = 2;
    private static final long QUIET_MILLIS = 0;
    private static final long END_SECONDS = 5;

    private final World world;
    private final EventLoopGroup loops;
    private final EventLoopGroup acceptor;

    private NetThreads(World world) {
        this.world = world;
        // Netty makes its own threads; they carry no state of ours.
        this.loops = new MultiThreadIoEventLoopGroup(
                LOOPS, new DefaultThreadFactory("holdfast-net", true), NioIoHandler.newFactory());
        this.acceptor = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("holdfast-accept", true), NioIoHandler.newFactory());
    }

    /// Starts the event loops.
    public static NetThreads start(World world) {
        return new NetThreads(world);
    }

    World world() {
        return world;
    }

    EventLoopGroup loops() {
        return loops;
    }

    EventLoopGroup acceptor() {
        return acceptor;
    }

    // gRPC wants an Executor for its callbacks: each burst of callbacks of a call gets a virtual thread, so a service
    // that
    // blocks holds up its own stream only.
    Executor callbacks() {
        return work -> world.start("transport", work);
    }

    /// Where the callbacks of a server's calls run: those of the direct method on the event loop itself, since its
    /// service never blocks and a hand-over costs as much as the rest of an envelope's way in; all others as
    /// [#callbacks].
    ServerCallExecutorSupplier callbacksOf(MethodDescriptor<?, ?> direct) {
        Executor virtual = callbacks();
        return new ServerCallExecutorSupplier() {
            @Override
            public <Q, R> Executor getExecutor(ServerCall<Q, R> call, Metadata headers) {
                boolean isDirect =
                        call.getMethodDescriptor().getFullMethodName().equals(direct.getFullMethodName());
                return isDirect ? MoreExecutors.directExecutor() : virtual;
            }
        };
    }

    @Override
    public void close() {
        acceptor.shutdownGracefully(QUIET_MILLIS, END_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
        loops.shutdownGracefully(QUIET_MILLIS, END_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
