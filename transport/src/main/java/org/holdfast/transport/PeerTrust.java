package org.holdfast.transport;

import com.google.protobuf.ByteString;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.X509ExtendedTrustManager;
import org.holdfast.env.Clock;

/// Whom a node lets in: members by their pinned public keys, clients by the roots their certificates chain to.
/// Both sets are replaced while running and asked at every handshake. Thread-safe.
///
/// A member is its key: two certificates with the same key are the same member, and the validity period is not
/// looked at, so that a cluster does not fall apart on the day its certificates expire (as Fabric does for its
/// consenters since 2.2).
public final class PeerTrust {
    private volatile Set<ByteString> pins = Set.of();
    private volatile Roots roots = Roots.NONE;
    private final Optional<Supplier<Instant>> time;

    /// Trusts nobody yet. Certificates are checked as of now.
    public PeerTrust() {
        this.time = Optional.empty();
    }

    /// Trusts nobody yet.
    ///
    /// @param shift clients' certificates are checked as of this long ago, so that expired ones pass while they are
    ///     replaced
    public PeerTrust(Clock clock, Duration shift) {
        this.time = shift.isZero()
                ? Optional.empty()
                : Optional.of(() -> Instant.ofEpochMilli(clock.wallMillis()).minus(shift));
    }

    /// Replaces the members' keys.
    public void pin(Collection<? extends PublicKey> keys) {
        pins = keys.stream().map(PeerTrust::encoded).collect(Collectors.toUnmodifiableSet());
    }

    /// Replaces the roots that clients' certificates must chain to.
    public void trustRoots(Collection<X509Certificate> certificates) {
        roots = Roots.of(certificates, time);
    }

    /// Whether a key is a member's.
    public boolean isPinned(PublicKey key) {
        return pins.contains(encoded(key));
    }

    /// Accepts members only, in both directions: for a log engine's own listener and links.
    public X509ExtendedTrustManager membersOnly() {
        return new CheckedTrust((chain, engine) -> requirePinned(chain));
    }

    /// Accepts one server only, known by its key: for a link to one member.
    public static X509ExtendedTrustManager exactly(PublicKey key) {
        PeerTrust one = new PeerTrust();
        one.pin(Set.of(key));
        return one.membersOnly();
    }

    /// Accepts servers whose certificate chains to a root and names the host: for a client of any orderer.
    public static X509ExtendedTrustManager servers(Collection<X509Certificate> certificates) {
        Roots only = Roots.of(certificates, Optional.empty());
        return new CheckedTrust(only::checkServer);
    }

    /// Accepts members and clients; without `required` everybody, because a client without a certificate gets in
    /// as well (whoever is neither is then seen as having none, see [#isClient]).
    X509ExtendedTrustManager atListener(boolean required) {
        if (!required) {
            return new CheckedTrust((chain, engine) -> {});
        }
        return new CheckedTrust((chain, engine) -> {
            if (!isPinned(leaf(chain).getPublicKey())) {
                roots.checkClient(chain, engine);
            }
        });
    }

    /// Whether a chain leads to one of the roots, now.
    boolean isClient(X509Certificate[] chain) {
        try {
            roots.checkClient(chain, null);
            return true;
        } catch (CertificateException _) {
            return false;
        }
    }

    private void requirePinned(X509Certificate[] chain) throws CertificateException {
        X509Certificate leaf = leaf(chain);
        if (!isPinned(leaf.getPublicKey())) {
            throw new CertificateException("the key %s of '%s' is no member's key here"
                    .formatted(Peer.seatOf(leaf.getPublicKey()), leaf.getSubjectX500Principal()));
        }
    }

    private static X509Certificate leaf(X509Certificate[] chain) throws CertificateException {
        if (chain.length == 0) {
            throw new CertificateException("no certificate was sent");
        }
        return chain[0];
    }

    // Compared as SubjectPublicKeyInfo: the same key may come as an object of another provider.
    private static ByteString encoded(PublicKey key) {
        return ByteString.copyFrom(key.getEncoded());
    }
}
