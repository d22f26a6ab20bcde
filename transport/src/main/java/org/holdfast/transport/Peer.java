package org.holdfast.transport;

import com.google.protobuf.ByteString;
import java.net.SocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Optional;
import org.holdfast.env.Invariant;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a call.
///
/// @param address as the socket says
/// @param certificate the TLS certificate, if one was sent that is trusted here (a member's key, or a chain to a
///     client root)
/// @param seat of a member: see [#seatOf]; present in every call of [ClusterService], null for clients
public record Peer(
        SocketAddress address,
        @Nullable X509Certificate certificate,
        @Nullable String seat) {
    private static final int SEAT_DIGITS = 16;

    /// SHA-256 of the certificate's DER bytes: what Fabric's `ChannelHeader.tls_cert_hash` must equal.
    public Optional<ByteString> certificateHash() {
        if (certificate == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ByteString.copyFrom(sha256(certificate.getEncoded())));
        } catch (CertificateEncodingException e) {
            throw Invariant.broken("a certificate from a handshake has an encoding: %s", e);
        }
    }

    /// The seat of a key: the first 16 hex digits of the SHA-256 of its SubjectPublicKeyInfo.
    public static String seatOf(PublicKey key) {
        return HexFormat.of().formatHex(sha256(key.getEncoded())).substring(0, SEAT_DIGITS);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw Invariant.broken("every JDK has SHA-256: %s", e);
        }
    }
}
