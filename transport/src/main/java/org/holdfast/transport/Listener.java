package org.holdfast.transport;

/// One general gRPC port: AtomicBroadcast for clients, Cluster for members, both over (mutual) TLS.
@SuppressWarnings("DoNotCallSuggester")
public final class Listener implements AutoCloseable {
    private Listener() {}

    /// Opens the port and serves until closed.
    ///
    /// @throws ListenFault when the port cannot be had
    public static Listener start(
            NetThreads threads, ListenerSettings settings, TlsKeys keys, PeerTrust trust, Services services)
            throws ListenFault {
        throw new ListenFault("not built yet", null);
    }

    /// The port it listens on.
    public int port() {
        return 0;
    }

    /// Closes the port and every connection.
    @Override
    public void close() {}
}
