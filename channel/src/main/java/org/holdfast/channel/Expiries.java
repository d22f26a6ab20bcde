package org.holdfast.channel;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.identity.Msp;

/// Finds what has run out in a config.
final class Expiries {
    private final Instant now;
    private final List<String> found = new ArrayList<>();

    private Expiries(Instant now) {
        this.now = now;
    }

    static List<String> warnings(ChannelConfig config, long wallMillis) {
        Expiries expiries = new Expiries(Instant.ofEpochMilli(wallMillis));
        for (Organization organization : config.organizations()) {
            expiries.authorities(organization.msp());
        }
        for (Consenter consenter : config.consenters()) {
            expiries.look("the client TLS certificate of consenter " + consenter.address(), consenter.clientTls());
            expiries.look("the server TLS certificate of consenter " + consenter.address(), consenter.serverTls());
        }
        return List.copyOf(expiries.found);
    }

    private void authorities(Msp msp) {
        msp.authorities().forEach(authority -> look("an authority of " + msp.id(), authority));
        msp.tlsRoots().forEach(authority -> look("a TLS authority of " + msp.id(), authority));
        msp.tlsIntermediates().forEach(authority -> look("a TLS authority of " + msp.id(), authority));
    }

    private void look(String what, X509Certificate certificate) {
        Instant end = certificate.getNotAfter().toInstant();
        if (end.isBefore(now)) {
            String text = "%s (%s) expired on %s: renew it in the channel's config"
                    .formatted(what, certificate.getSubjectX500Principal().getName(), end);
            if (!found.contains(text)) {
                found.add(text);
            }
        }
    }
}
