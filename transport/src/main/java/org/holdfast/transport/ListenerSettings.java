package org.holdfast.transport;

import java.time.Duration;

/// Where and how a listener listens.
///
/// @param host address to bind, `0.0.0.0` for all
/// @param port 0 lets the system choose, see [Listener#port]
/// @param clientCertificateRequired whether a client without a trusted certificate is turned away in the
///     handshake; members always need theirs
/// @param limits see [Limits]
/// @param serves whom it is for
/// @param keepalive see [Keepalive]
/// @param sentBytes largest message sent; a call that would send a larger one ends with RESOURCE_EXHAUSTED
public record ListenerSettings(
        String host,
        int port,
        boolean clientCertificateRequired,
        Limits limits,
        Serves serves,
        Keepalive keepalive,
        int sentBytes) {
    private static final int SENT_BYTES = 100 << 20;

    /// For clients and members, with Fabric's keepalive and largest message.
    public ListenerSettings(String host, int port, boolean clientCertificateRequired, Limits limits) {
        this(host, port, clientCertificateRequired, limits, Serves.EVERYBODY, Keepalive.DEFAULT, SENT_BYTES);
    }

    /// Whom a listener is for.
    public enum Serves {
        /// AtomicBroadcast and Cluster on one port.
        EVERYBODY,
        /// AtomicBroadcast only.
        CLIENTS,
        /// Cluster only; nobody but members gets through the handshake.
        MEMBERS
    }

    /// How an idle connection is kept and found dead.
    ///
    /// @param clientInterval a client may ping this often and no more; a listener that members share bears 5 s
    /// @param interval a silent client is pinged after this
    /// @param timeout and cut when it does not answer within this
    public record Keepalive(Duration clientInterval, Duration interval, Duration timeout) {
        /// 60 s, 2 h, 20 s (as Fabric).
        public static final Keepalive DEFAULT =
                new Keepalive(Duration.ofSeconds(60), Duration.ofHours(2), Duration.ofSeconds(20));
    }

    /// The same for others.
    public ListenerSettings serving(Serves other) {
        return new ListenerSettings(host, port, clientCertificateRequired, limits, other, keepalive, sentBytes);
    }

    /// What a listener bears before it slows down or refuses.
    ///
    /// @param messageBytes largest message taken
    /// @param connections open at once; more are closed on arrival
    /// @param window what one Broadcast stream may have unanswered
    /// @param unansweredBytes what all Broadcast streams together may have unanswered before they are slowed
    ///     down; exceeded by at most one message per stream
    /// @param timeouts see [Timeouts]
    public record Limits(int messageBytes, int connections, Window window, long unansweredBytes, Timeouts timeouts) {
        /// 100 MiB messages (as Fabric), 4096 connections, 1024 envelopes and 32 MiB a stream, 256 MiB in all.
        public static final Limits DEFAULT =
                new Limits(100 << 20, 4096, new Window(1024, 32 << 20), 256L << 20, Timeouts.DEFAULT);

        /// The same for other messages.
        public Limits withMessageBytes(int other) {
            return new Limits(other, connections, window, unansweredBytes, timeouts);
        }

        /// The same with another window.
        public Limits withWindow(Window other) {
            return new Limits(messageBytes, connections, other, unansweredBytes, timeouts);
        }

        /// The same with other timeouts.
        public Limits withTimeouts(Timeouts other) {
            return new Limits(messageBytes, connections, window, unansweredBytes, other);
        }
    }

    /// What may be unanswered on one stream.
    public record Window(int messages, long bytes) {}

    /// How long somebody may keep us waiting.
    ///
    /// @param handshake from accepting a connection to the end of its TLS handshake
    /// @param readerStall how long a reader of blocks may take nothing before it is cut
    public record Timeouts(Duration handshake, Duration readerStall) {
        /// 5 s (as Fabric's ConnectionTimeout), 5 min.
        public static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(5), Duration.ofMinutes(5));
    }
}
