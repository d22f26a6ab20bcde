package org.holdfast.channel;

import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.hyperledger.fabric.protos.orderer.etcdraft.Consenter;

/// Whether a consenter's TLS certificate comes from an authority of a config's orderer organisations.
///
/// Source of the rules: Go's `x509.Certificate.Verify` as Fabric's orderer calls it, with the usages client and server:
/// path lengths count, and a usage counts only when the whole chain allows it.
final class TlsAuthorities {
    /// Certificates from leaf to root at most.
    private static final int LONGEST = 10;
    /// Extended key usages (RFC 5280, 4.2.1.12) one of which every certificate of a chain must allow: server, client.
    private static final Set<String> USAGES = Set.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");

    private static final String ANY_USAGE = "2.5.29.37.0";

    private final List<X509Certificate> roots = new ArrayList<>();
    private final List<X509Certificate> authorities = new ArrayList<>();

    TlsAuthorities(ChannelConfig config) {
        for (Organization organization : config.organizations()) {
            if (organization.section() == Organization.Section.ORDERER) {
                roots.addAll(organization.msp().tlsRoots());
                authorities.addAll(organization.msp().tlsIntermediates());
            }
        }
        authorities.addAll(roots);
    }

    /// Why a certificate is not to be trusted; empty when it is.
    ///
    /// @param wallMillis when it must be valid; empty: whenever
    Optional<String> refuse(X509Certificate certificate, OptionalLong wallMillis) {
        if (wallMillis.isPresent()) {
            Instant now = Instant.ofEpochMilli(wallMillis.getAsLong());
            Instant from = certificate.getNotBefore().toInstant();
            Instant to = certificate.getNotAfter().toInstant();
            if (now.isAfter(to)) {
                return Optional.of("x509: certificate has expired or is not yet valid: current time %s is after %s"
                        .formatted(now, to));
            }
            if (now.isBefore(from)) {
                return Optional.of("x509: certificate has expired or is not yet valid: current time %s is before %s"
                        .formatted(now, from));
            }
        }
        return switch (trust(certificate, wallMillis, allowed(certificate, USAGES), 0)) {
            case TRUSTED -> Optional.empty();
            case OTHER_USAGE -> Optional.of("x509: certificate specifies an incompatible key usage");
            case UNKNOWN -> Optional.of("x509: certificate signed by unknown authority");
        };
    }

    /// What the best chain to a root is worth.
    private enum Trust {
        UNKNOWN,
        OTHER_USAGE,
        TRUSTED
    }

    /// Climbs to the roots.
    ///
    /// @param usages those that every certificate from the leaf to this one allows
    /// @param below authorities below the next one
    private Trust trust(X509Certificate issued, OptionalLong wallMillis, Set<String> usages, int below) {
        Trust best = Trust.UNKNOWN;
        if (below >= LONGEST) {
            return best;
        }
        for (X509Certificate authority : authorities) {
            // A root that signed itself is not below itself.
            boolean mayIssue = authority.getBasicConstraints() >= below || authority.equals(issued);
            if (mayIssue && valid(authority, wallMillis) && issued(authority, issued)) {
                Set<String> left = allowed(authority, usages);
                Trust found = !roots.contains(authority)
                        ? trust(authority, wallMillis, left, below + 1)
                        : left.isEmpty() ? Trust.OTHER_USAGE : Trust.TRUSTED;
                best = found.compareTo(best) > 0 ? found : best;
            }
            if (best == Trust.TRUSTED) {
                return best;
            }
        }
        return best;
    }

    /// Those of the usages that a certificate allows: all of them when it names none, or any.
    private static Set<String> allowed(X509Certificate certificate, Set<String> usages) {
        try {
            List<String> named = certificate.getExtendedKeyUsage();
            if (named == null || named.contains(ANY_USAGE)) {
                return usages;
            }
            return usages.stream().filter(named::contains).collect(Collectors.toUnmodifiableSet());
        } catch (CertificateParsingException e) {
            return Set.of();
        }
    }

    private static boolean valid(X509Certificate authority, OptionalLong wallMillis) {
        if (wallMillis.isEmpty()) {
            return true;
        }
        Instant now = Instant.ofEpochMilli(wallMillis.getAsLong());
        return !now.isBefore(authority.getNotBefore().toInstant())
                && !now.isAfter(authority.getNotAfter().toInstant());
    }

    private static boolean issued(X509Certificate authority, X509Certificate below) {
        if (!authority.getSubjectX500Principal().equals(below.getIssuerX500Principal())) {
            return false;
        }
        try {
            below.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException otherKey) {
            return false;
        }
    }

    /// How error texts name a consenter.
    static String address(Consenter consenter) {
        return consenter.getHost() + ":" + Integer.toUnsignedString(consenter.getPort());
    }
}
