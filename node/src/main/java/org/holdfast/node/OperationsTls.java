package org.holdfast.node;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.holdfast.env.Disk;
import org.holdfast.env.Invariant;
import org.holdfast.identity.Pem;
import org.holdfast.transport.TlsKeys;
import org.holdfast.transport.TlsMaterialException;

/// TLS of the operations port: its own certificate, and whose client certificates count. A client may come without one
/// unless they are required; one that nobody here issued ends the handshake.
final class OperationsTls {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final SSLContext context;
    private final TlsKeys keys;
    private final Asking asking;

    /// Whether clients are asked for a certificate. Without anybody who could have issued it, asking would only end the
    /// handshakes of those who have one.
    private enum Asking {
        NEVER,
        POLITELY,
        ALWAYS
    }

    private OperationsTls(SSLContext context, TlsKeys keys, Asking asking) {
        this.context = context;
        this.keys = keys;
        this.asking = asking;
    }

    /// Which files.
    ///
    /// @param required whether clients must show a certificate, on every page
    /// @param clientRoots PEM certificates of those who issue the clients'
    record Files(Path certificate, Path key, boolean required, List<Path> clientRoots) {
        Files {
            clientRoots = List.copyOf(clientRoots);
        }
    }

    /// @throws TlsMaterialException when a file cannot be used
    static OperationsTls load(Disk disk, Files files) throws TlsMaterialException {
        TlsKeys keys = TlsKeys.load(disk, files.certificate, files.key);
        try {
            KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
            roots.load(null, null);
            for (Path file : files.clientRoots) {
                for (X509Certificate root : Pem.certificates(disk.read(file), file.toString())) {
                    roots.setCertificateEntry("root-" + roots.size(), root);
                }
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(roots);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys.keyManager()}, trust.getTrustManagers(), null);
            Asking asking = files.required ? Asking.ALWAYS : roots.size() == 0 ? Asking.NEVER : Asking.POLITELY;
            return new OperationsTls(context, keys, asking);
        } catch (GeneralSecurityException | IOException e) {
            throw Invariant.broken("an in-memory trust store can be built: %s", e);
        }
    }

    /// The server's certificate.
    X509Certificate certificate() {
        return keys.certificate();
    }

    HttpsConfigurator configurator() {
        return new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = context.getDefaultSSLParameters();
                wanted.setProtocols(PROTOCOLS);
                switch (asking) {
                    case ALWAYS -> wanted.setNeedClientAuth(true);
                    case POLITELY -> wanted.setWantClientAuth(true);
                    case NEVER -> {}
                }
                parameters.setSSLParameters(wanted);
            }
        };
    }
}
