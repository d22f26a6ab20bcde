package org.holdfast.identity;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/// A fresh certificate and its private key.
///
/// @param certificate what others may see
/// @param key what they may not
public record Issued(X509Certificate certificate, PrivateKey key) {
    /// Without the key: this may end up in a log.
    @Override
    public String toString() {
        return "Issued[" + certificate.getSubjectX500Principal().getName() + "]";
    }
}
