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
import org.hyperledger.fabric.protos.orderer.etcdraft.Consenter;

/// Whether a consenter's TLS certificate comes from an authority of a config's orderer organisations.
final class TlsAuthorities {
    /// Certificates from leaf to root at most.
    private static final int LONGEST = 10;
    /// Extended key usages (RFC 5280, 4.2.1.12) one of which a consenter's certificate must allow: server, client, any.
    private static final Set<String> USAGES = Set.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0");

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
        if (!chains(certificate, wallMillis, 0)) {
            return Optional.of("x509: certificate signed by unknown authority");
        }
        return forTls(certificate)
                ? Optional.empty()
                : Optional.of("x509: certificate specifies an incompatible key usage");
    }

    private boolean chains(X509Certificate below, OptionalLong wallMillis, int depth) {
        if (depth >= LONGEST) {
            return false;
        }
        for (X509Certificate authority : authorities) {
            if (issued(authority, below)
                    && valid(authority, wallMillis)
                    && (roots.contains(authority) || chains(authority, wallMillis, depth + 1))) {
                return true;
            }
        }
        return false;
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

    private static boolean forTls(X509Certificate certificate) {
        try {
            List<String> usages = certificate.getExtendedKeyUsage();
            return usages == null || usages.stream().anyMatch(USAGES::contains);
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    /// How error texts name a consenter.
    static String address(Consenter consenter) {
        return consenter.getHost() + ":" + Integer.toUnsignedString(consenter.getPort());
    }
}
