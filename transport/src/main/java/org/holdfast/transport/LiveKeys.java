package org.holdfast.transport;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Hands out whatever material is current. A handshake asks three times (alias, chain, key), so an alias names
/// one version of the material and the last few versions are kept: a reload in the middle must not mix an old
/// chain with a new key.
final class LiveKeys extends X509ExtendedKeyManager {
    private static final int VERSIONS_KEPT = 4;

    private final Supplier<TlsKeys.Material> current;
    private final ConcurrentLinkedDeque<Version> versions = new ConcurrentLinkedDeque<>();
    private long nextNumber;

    LiveKeys(Supplier<TlsKeys.Material> current) {
        this.current = current;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        return serverAlias(keyType);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
        return serverAlias(keyType);
    }

    // A client has one certificate to show. The issuers a server names are no reason to hide it: members are known by
    // key.
    @Override
    public String chooseEngineClientAlias(String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
        return alias();
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
        return alias();
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {alias()};
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        String alias = serverAlias(keyType);
        return alias == null ? new String[0] : new String[] {alias};
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        TlsKeys.Material material = find(alias);
        return material == null ? null : material.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        TlsKeys.Material material = find(alias);
        return material == null ? null : material.key();
    }

    // Key types are named like EC, EC_EC, RSA, ECDHE_RSA, depending on the TLS library that asks.
    private @Nullable String serverAlias(String keyType) {
        String asked = keyType.toUpperCase(Locale.ROOT);
        String held = current.get().key().getAlgorithm();
        boolean fits = switch (held) {
            case "RSA", "RSASSA-PSS" -> asked.contains("RSA");
            case "EC" -> asked.startsWith("EC") && !asked.contains("RSA");
            default -> asked.startsWith("ED") || asked.startsWith("EC");
        };
        return fits ? alias() : null;
    }

    private synchronized String alias() {
        TlsKeys.Material material = current.get();
        Version newest = versions.peekFirst();
        if (newest == null || !newest.material().equals(material)) {
            newest = new Version("material-" + nextNumber++, material);
            versions.addFirst(newest);
            if (versions.size() > VERSIONS_KEPT) {
                versions.removeLast();
            }
        }
        return newest.alias();
    }

    private TlsKeys.@Nullable Material find(String alias) {
        for (Version version : versions) {
            if (version.alias().equals(alias)) {
                return version.material();
            }
        }
        return null;
    }

    private record Version(String alias, TlsKeys.Material material) {}
}
