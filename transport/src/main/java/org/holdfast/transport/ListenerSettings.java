package org.holdfast.transport;

import java.time.Duration;

/// Where and how a listener listens.
///
/// @param host address to bind, `0.0.0.0` for all
/// @param port 0 lets the system choose, see [Listener#port]
/// @param clientCertificateRequired whether a client without a trusted certificate is turned away in the
///     handshake; members always need theirs
/// @param limits see [Limits]
public record ListenerSettings(String host, int port, boolean clientCertificateRequired, Limits limits) {

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
