package org.holdfast.node;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.holdfast.channel.Consenter;
import org.holdfast.env.Clock;
import org.holdfast.env.World;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.order.Orderer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Warns of certificates that are about to end: the node's own, and those of the members of its channels. Looks at the
/// start, a minute later when the channels are open, and every six hours, on a virtual thread of its own.
final class CertificateWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);
    private static final Duration CHANNELS_OPEN = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofHours(6);

    private final CountDownLatch closing = new CountDownLatch(1);

    private CertificateWatch() {}

    /// @param ahead how long before the end to warn
    static CertificateWatch start(
            World world, Duration ahead, Certificates own, LocalIdentity signer, Channels channels) {
        CertificateWatch watch = new CertificateWatch();
        world.start("certificates", () -> watch.run(world.clock(), ahead, () -> gather(own, signer, channels)));
        return watch;
    }

    /// What there is to look at, by what operators call it.
    private interface Gathering {
        Map<String, X509Certificate> now();
    }

    private void run(Clock clock, Duration ahead, Gathering gathering) {
        Duration wait = CHANNELS_OPEN;
        boolean ends = false;
        try {
            while (!ends) {
                Instant now = Instant.ofEpochMilli(clock.wallMillis());
                gathering
                        .now()
                        .forEach((name, certificate) ->
                                warning(now, ahead, name, certificate).ifPresent(text -> LOG.warn("{}", text)));
                ends = closing.await(wait.toMillis(), TimeUnit.MILLISECONDS);
                wait = LOOK;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What to say of a certificate; empty while there is time.
    static Optional<String> warning(Instant now, Duration ahead, String name, X509Certificate certificate) {
        Instant end = certificate.getNotAfter().toInstant();
        if (end.isBefore(now)) {
            return Optional.of("The %s ended at %s: replace it".formatted(name, end));
        }
        return end.isBefore(now.plus(ahead))
                ? Optional.of("The %s ends at %s: replace it before".formatted(name, end))
                : Optional.empty();
    }

    private static Map<String, X509Certificate> gather(Certificates own, LocalIdentity signer, Channels channels) {
        Map<String, X509Certificate> found = new LinkedHashMap<>();
        found.put("signing certificate", signer.certificate());
        own.clients().ifPresent(keys -> found.put("client-facing TLS certificate", keys.certificate()));
        found.put("member-facing TLS certificate", own.members().certificate());
        found.put("dialling TLS certificate", own.dialling().certificate());
        for (Orderer orderer : channels.open()) {
            for (Consenter consenter : orderer.config().consenters()) {
                String name = "%s TLS certificate of consenter " + consenter.address() + " in channel "
                        + orderer.config().id();
                found.put(name.formatted("server"), consenter.serverTls());
                found.put(name.formatted("client"), consenter.clientTls());
            }
        }
        return found;
    }

    @Override
    public void close() {
        closing.countDown();
    }
}
