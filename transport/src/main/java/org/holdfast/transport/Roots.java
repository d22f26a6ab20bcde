package org.holdfast.transport;

import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.holdfast.env.Invariant;
import org.jspecify.annotations.Nullable;

/// Certificate path checks of the JDK against a fixed set of roots.
final class Roots {
    static final Roots NONE = new Roots(null);

    private final @Nullable Supplier<X509ExtendedTrustManager> paths;

    private Roots(@Nullable Supplier<X509ExtendedTrustManager> paths) {
        this.paths = paths;
    }

    /// @param time as of when to check; empty = now
    static Roots of(Collection<X509Certificate> certificates, Optional<Supplier<Instant>> time) {
        if (certificates.isEmpty()) {
            return NONE;
        }
        Set<TrustAnchor> anchors = certificates.stream()
                .map(certificate -> new TrustAnchor(certificate, null))
                .collect(Collectors.toSet());
        if (time.isPresent()) {
            Supplier<Instant> asOf = time.get();
            // The date is part of the parameters, so each check makes its own manager.
            return new Roots(() -> manager(anchors, Optional.of(asOf.get())));
        }
        X509ExtendedTrustManager now = manager(anchors, Optional.empty());
        return new Roots(() -> now);
    }

    private static X509ExtendedTrustManager manager(Set<TrustAnchor> anchors, Optional<Instant> asOf) {
        try {
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
            parameters.setRevocationEnabled(false);
            asOf.ifPresent(time -> parameters.setDate(Date.from(time)));
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(new CertPathTrustManagerParameters(parameters));
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager extended) {
                    return extended;
                }
            }
        } catch (GeneralSecurityException e) {
            throw Invariant.broken("a trust manager can be made of trust anchors: %s", e);
        }
        throw Invariant.broken("the JDK's PKIX trust managers are extended ones");
    }

    void checkClient(X509Certificate[] chain, @Nullable SSLEngine engine) throws CertificateException {
        X509ExtendedTrustManager checks = orNone(chain);
        if (engine == null) {
            checks.checkClientTrusted(chain, "UNKNOWN");
        } else {
            checks.checkClientTrusted(chain, "UNKNOWN", engine);
        }
    }

    /// Checks the host name too, as the engine's parameters ask for it.
    void checkServer(X509Certificate[] chain, @Nullable SSLEngine engine) throws CertificateException {
        if (engine == null) {
            throw new CertificateException("a server is checked with its host name only");
        }
        orNone(chain).checkServerTrusted(chain, "UNKNOWN", engine);
    }

    private X509ExtendedTrustManager orNone(X509Certificate[] chain) throws CertificateException {
        if (paths == null) {
            throw new CertificateException("no root certificates are configured");
        }
        if (chain.length == 0) {
            throw new CertificateException("no certificate was sent");
        }
        return paths.get();
    }
}
