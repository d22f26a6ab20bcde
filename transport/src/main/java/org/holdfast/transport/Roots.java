package org.holdfast.transport;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.holdfast.env.Invariant;
import org.jspecify.annotations.Nullable;

/// Certificate path checks of the JDK against a fixed set of roots.
final class Roots {
    static final Roots NONE = new Roots(null);

    private final @Nullable X509ExtendedTrustManager paths;

    private Roots(@Nullable X509ExtendedTrustManager paths) {
        this.paths = paths;
    }

    static Roots of(Collection<X509Certificate> certificates) {
        if (certificates.isEmpty()) {
            return NONE;
        }
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (X509Certificate certificate : certificates) {
                store.setCertificateEntry("root-" + number++, certificate);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager extended) {
                    return new Roots(extended);
                }
            }
        } catch (GeneralSecurityException | IOException e) {
            throw Invariant.broken("an in-memory trust store can be built: %s", e);
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
        return paths;
    }
}
