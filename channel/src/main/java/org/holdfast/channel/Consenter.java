package org.holdfast.channel;

import java.security.cert.X509Certificate;
import java.util.HexFormat;
import org.holdfast.wire.BlockHeader;

/// A member that orders.
///
/// @param host rendezvous host
/// @param port rendezvous port
/// @param clientTls its certificate as a client of the others; its key names the seat
/// @param serverTls its certificate as a server
public record Consenter(String host, int port, X509Certificate clientTls, X509Certificate serverTls) {
    private static final int SEAT_DIGITS = 16;

    /// First 16 hex digits of the SHA-256 of the client TLS key's SubjectPublicKeyInfo: survives a renewal with the
    /// same key.
    public String seat() {
        byte[] digest = BlockHeader.sha256().digest(clientTls.getPublicKey().getEncoded());
        return HexFormat.of().formatHex(digest).substring(0, SEAT_DIGITS);
    }

    /// `host:port`.
    public String address() {
        return host + ":" + port;
    }
}
