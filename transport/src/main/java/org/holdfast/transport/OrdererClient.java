package org.holdfast.transport;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Optional;
import org.hyperledger.fabric.protos.orderer.DeliverResponse;
import org.jspecify.annotations.Nullable;

/// A client of any orderer that speaks Fabric's AtomicBroadcast. Thread-safe. Connects when first used, and again
/// when a new stream is opened after a break.
public final class OrdererClient implements AutoCloseable {
    private static final long PING_SECONDS = 60;

    private final ManagedChannel channel;

    private OrdererClient(ManagedChannel channel) {
        this.channel = channel;
    }

    /// A client; nothing is connected yet.
    ///
    /// @param roots the server's certificate must chain to one of them and name the target's host
    /// @param keys shown to the server, if any
    public static OrdererClient to(
            NetThreads threads, Target target, Collection<X509Certificate> roots, @Nullable TlsKeys keys) {
        return new OrdererClient(
                Wire.open(threads, target, TlsContexts.client(keys, PeerTrust.servers(roots)), PING_SECONDS));
    }

    /// Opens a stream for envelopes.
    public BroadcastStream broadcast() {
        channel.resetConnectBackoff();
        return new SentEnvelopes(channel.newCall(Methods.BROADCAST, CallOptions.DEFAULT)).open();
    }

    /// Opens a stream for envelopes whose answers complete on the event loop that reads the connection: what is chained
    /// to them must not block.
    public BroadcastStream broadcastOnLoop() {
        channel.resetConnectBackoff();
        CallOptions onLoop = CallOptions.DEFAULT.withExecutor(MoreExecutors.directExecutor());
        return new SentEnvelopes(channel.newCall(Methods.BROADCAST, onLoop)).open();
    }

    /// Asks for blocks.
    ///
    /// @param seekEnvelope a signed DELIVER_SEEK_INFO envelope
    public DeliverStream deliver(ByteString seekEnvelope) {
        channel.resetConnectBackoff();
        return new Delivered(PulledFlow.start(channel.newCall(Methods.DELIVER, CallOptions.DEFAULT), seekEnvelope));
    }

    /// Ends every stream.
    @Override
    public void close() {
        channel.shutdownNow();
    }

    /// Takes DeliverResponse messages apart without decoding the block.
    private static final class Delivered implements DeliverStream {
        private final PulledFlow flow;
        private volatile int status;

        Delivered(PulledFlow flow) {
            this.flow = flow;
        }

        @Override
        public Optional<ByteString> next() throws LinkBroken {
            if (status != 0) {
                return Optional.empty();
            }
            ByteString response =
                    flow.next().orElseThrow(() -> new LinkBroken("the stream ended without a status", null));
            try {
                CodedInputStream in = response.newCodedInput();
                in.enableAliasing(true);
                int tag = in.readTag();
                if (WireFormat.getTagFieldNumber(tag) == DeliverResponse.BLOCK_FIELD_NUMBER) {
                    return Optional.of(in.readBytes());
                }
                if (WireFormat.getTagFieldNumber(tag) == DeliverResponse.STATUS_FIELD_NUMBER) {
                    status = in.readEnum();
                    return Optional.empty();
                }
            } catch (IOException e) {
                throw new LinkBroken("the orderer sent something that is no DeliverResponse", e);
            }
            throw new LinkBroken("the orderer sent neither a block nor a status", null);
        }

        @Override
        public int status() {
            return status;
        }

        @Override
        public void close() {
            flow.cancel();
        }
    }
}
