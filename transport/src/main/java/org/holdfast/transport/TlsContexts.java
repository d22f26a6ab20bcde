package org.holdfast.transport;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.X509ExtendedTrustManager;
import org.holdfast.env.Invariant;
import org.jspecify.annotations.Nullable;

/// TLS as both ends use it: 1.2 or 1.3, BoringSSL where it is there, and no session resumption. A resumed session
/// skips the trust manager, so a removed member would get in again; every connection therefore makes a full
/// handshake.
final class TlsContexts {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private TlsContexts() {}

    static SslContext server(TlsKeys keys, X509ExtendedTrustManager trust, boolean clientCertificateRequired) {
        SslContextBuilder builder = SslContextBuilder.forServer(keys.keyManager())
                .clientAuth(clientCertificateRequired ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
        return build(builder, trust);
    }

    static SslContext client(@Nullable TlsKeys keys, X509ExtendedTrustManager trust) {
        SslContextBuilder builder = SslContextBuilder.forClient();
        if (keys != null) {
            builder.keyManager(keys.keyManager());
        }
        return build(builder, trust);
    }

    private static SslContext build(SslContextBuilder builder, X509ExtendedTrustManager trust) {
        try {
            SslContext context = GrpcSslContexts.configure(builder)
                    .protocols(PROTOCOLS)
                    .trustManager(trust)
                    .build();
            SSLSessionContext sessions = context.sessionContext();
            if (sessions instanceof OpenSslSessionContext openSsl) {
                openSsl.setSessionCacheEnabled(false);
            } else {
                // The JDK cannot switch its cache off; one entry of one second is as near as it gets.
                sessions.setSessionCacheSize(1);
                sessions.setSessionTimeout(1);
            }
            return context;
        } catch (SSLException e) {
            throw Invariant.broken("a TLS context can be built from checked material: %s", e);
        }
    }
}
