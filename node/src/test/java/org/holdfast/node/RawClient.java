package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.hyperledger.fabric.protos.orderer.AtomicBroadcastGrpc;
import org.hyperledger.fabric.protos.orderer.BroadcastResponse;
import org.hyperledger.fabric.protos.orderer.DeliverResponse;
import org.jspecify.annotations.Nullable;

/// A gRPC client of Fabric's service that sends whatever bytes it is given. The names of the methods are those of
/// Fabric's generated stub.
final class RawClient implements AutoCloseable {
    private static final int MESSAGE_MAX = 110 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManagedChannel channel;

    /// @param root the server's authority
    /// @param tls directory with `client.crt` and `client.key`, or null to show no certificate
    RawClient(int port, Path root, @Nullable Path tls) throws SSLException {
        SslContextBuilder context = GrpcSslContexts.forClient().trustManager(root.toFile());
        if (tls != null) {
            context.keyManager(
                    tls.resolve("client.crt").toFile(),
                    tls.resolve("client.key").toFile());
        }
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .sslContext(context.build())
                .maxInboundMessageSize(MESSAGE_MAX)
                .build();
    }

    Stream broadcast() {
        return new Stream(channel.newCall(bytes(AtomicBroadcastGrpc.getBroadcastMethod()), CallOptions.DEFAULT))
                .read(Integer.MAX_VALUE);
    }

    /// A broadcast stream whose answers nobody reads, until asked to.
    Stream broadcastUnread() {
        return new Stream(channel.newCall(bytes(AtomicBroadcastGrpc.getBroadcastMethod()), CallOptions.DEFAULT));
    }

    Stream deliver() {
        return new Stream(channel.newCall(bytes(AtomicBroadcastGrpc.getDeliverMethod()), CallOptions.DEFAULT))
                .read(Integer.MAX_VALUE);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private static MethodDescriptor<ByteString, ByteString> bytes(MethodDescriptor<?, ?> method) {
        return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setType(method.getType())
                .setFullMethodName(method.getFullMethodName())
                .build();
    }

    /// One call: what came, in order.
    static final class Stream extends ClientCall.Listener<ByteString> {
        private final ClientCall<ByteString, ByteString> call;
        private final LinkedBlockingQueue<Object> came = new LinkedBlockingQueue<>();

        private Stream(ClientCall<ByteString, ByteString> call) {
            this.call = call;
            call.start(this, new Metadata());
        }

        Stream read(int messages) {
            call.request(messages);
            return this;
        }

        Stream send(ByteString bytes) {
            call.sendMessage(bytes);
            return this;
        }

        void halfClose() {
            call.halfClose();
        }

        void cancel() {
            call.cancel("the test goes away", null);
        }

        BroadcastResponse answer() throws InterruptedException, InvalidProtocolBufferException {
            return BroadcastResponse.parseFrom(message());
        }

        /// A Deliver response: `block 3` or the name of a status.
        String delivered() throws InterruptedException, InvalidProtocolBufferException {
            DeliverResponse response = DeliverResponse.parseFrom(message());
            return response.hasBlock()
                    ? "block " + response.getBlock().getHeader().getNumber()
                    : response.getStatus().name();
        }

        ByteString message() throws InterruptedException {
            Object event = event();
            assertThat(event).isInstanceOf(ByteString.class);
            return (ByteString) event;
        }

        /// The gRPC status the server ended the stream with; nothing else came before it.
        Status end() throws InterruptedException {
            Object event = event();
            assertThat(event).isInstanceOf(Status.class);
            return (Status) event;
        }

        /// Whether nothing comes for a while.
        boolean isQuiet(Duration time) throws InterruptedException {
            Object event = came.poll(time.toMillis(), TimeUnit.MILLISECONDS);
            if (event != null) {
                came.add(event);
            }
            return event == null;
        }

        private Object event() throws InterruptedException {
            Object event = came.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            assertThat(event).as("something within %s", PATIENCE).isNotNull();
            return event;
        }

        @Override
        public void onMessage(ByteString message) {
            came.add(message);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            came.add(status);
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<ByteString> {
        @Override
        public InputStream stream(ByteString value) {
            return new ByteArrayInputStream(value.toByteArray());
        }

        @Override
        public ByteString parse(InputStream stream) {
            try {
                return ByteString.readFrom(stream);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
