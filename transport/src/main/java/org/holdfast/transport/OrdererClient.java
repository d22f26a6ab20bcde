package org.holdfast.transport;

import com.google.protobuf.ByteString;
import java.security.cert.X509Certificate;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// A client of any orderer that speaks Fabric's AtomicBroadcast.
@SuppressWarnings("DoNotCallSuggester")
public final class OrdererClient implements AutoCloseable {
    private OrdererClient() {}

    /// A client; nothing is connected yet.
    ///
    /// @param roots the server's certificate must chain to one of them and name the target's host
    /// @param keys shown to the server, if any
    public static OrdererClient to(
            NetThreads threads, Target target, Collection<X509Certificate> roots, @Nullable TlsKeys keys) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Opens a stream for envelopes.
    public BroadcastStream broadcast() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Asks for blocks.
    ///
    /// @param seekEnvelope a signed DELIVER_SEEK_INFO envelope
    public DeliverStream deliver(ByteString seekEnvelope) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Ends every stream.
    @Override
    public void close() {}
}
