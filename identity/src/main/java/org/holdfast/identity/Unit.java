package org.holdfast.identity;

import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/// An organisational unit that counts.
///
/// @param name the OU attribute's value
/// @param issuer the CA that must have issued the certificate directly; null: any CA of the MSP
record Unit(String name, @Nullable X509Certificate issuer) {
    boolean matches(String ou, X509Certificate directIssuer) {
        return name.equals(ou) && (issuer == null || issuer.equals(directIssuer));
    }
}
