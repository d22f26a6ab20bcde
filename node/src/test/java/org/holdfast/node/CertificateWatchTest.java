package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.holdfast.identity.Pem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When a certificate's end is told of.
class CertificateWatchTest {
    private static final Duration WEEK = Duration.ofDays(7);

    @Test
    void fromAWeekBeforeTheEndOn(@TempDir Path directory) throws Exception {
        Path file = Desk.in(directory).home().resolve("tls/server.crt");
        X509Certificate certificate = Pem.firstCertificate(Desk.WORLD.disk().read(file), file.toString());
        Instant end = certificate.getNotAfter().toInstant();
        assertThat(CertificateWatch.warning(end.minus(WEEK), WEEK, "TLS certificate", certificate))
                .isEmpty();
        assertThat(CertificateWatch.warning(end.minus(WEEK).plusSeconds(1), WEEK, "TLS certificate", certificate))
                .contains("The TLS certificate ends at " + end + ": replace it before");
        assertThat(CertificateWatch.warning(end.plusSeconds(1), WEEK, "TLS certificate", certificate))
                .contains("The TLS certificate ended at " + end + ": replace it");
    }
}
