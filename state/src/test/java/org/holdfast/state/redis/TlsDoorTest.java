package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.holdfast.env.World;
import org.holdfast.transport.PeerTrust;
import org.holdfast.transport.SocketListener;
import org.holdfast.transport.TlsKeys;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The door over TLS. Certificates are made by the openssl program, the client is redis-cli.
class TlsDoorTest {
    private static final Duration PATIENT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    @BeforeEach
    void certificates() throws Exception {
        for (String authority : List.of("ca", "strangers")) {
            openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + authority
                    + " -keyout " + authority + ".key -out " + authority + ".crt");
        }
        issue("server", "ca");
        issue("client", "ca");
        issue("stranger", "strangers");
    }

    private void issue(String name, String authority) throws Exception {
        Files.writeString(directory.resolve("san"), "subjectAltName=IP:127.0.0.1\n");
        openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " + name
                + ".key -out " + name + ".csr");
        openssl("x509 -req -days 1 -in " + name + ".csr -CA " + authority + ".crt -CAkey " + authority
                + ".key -CAcreateserial -extfile san -out " + name + ".crt");
    }

    private void openssl(String words) throws Exception {
        Process process = new ProcessBuilder(("openssl " + words).split(" ", -1))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).describedAs(text).isZero();
    }

    private Site site(boolean clientCertificate, Duration handshake) throws Exception {
        PeerTrust trust = new PeerTrust();
        trust.trustRoots(List.of(certificate("ca.crt")));
        TlsKeys keys =
                TlsKeys.load(World.real().disk(), directory.resolve("server.crt"), directory.resolve("server.key"));
        DoorSettings.Times times = new DoorSettings.Times(
                Duration.ZERO, Duration.ofSeconds(30), Duration.ofSeconds(30), handshake, Duration.ofSeconds(1));
        DoorSettings settings =
                new DoorSettings("127.0.0.1", 0, Site.PLAIN).withLimits(DoorSettings.Limits.DEFAULT.withTimes(times));
        return new Site(directory, settings, new SocketListener.Tls(keys, trust, clientCertificate));
    }

    private java.security.cert.X509Certificate certificate(String file) throws Exception {
        try (var in = Files.newInputStream(directory.resolve(file))) {
            return (java.security.cert.X509Certificate)
                    java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private String cli(Site site, String ca, String... more) throws Exception {
        List<String> words = new java.util.ArrayList<>(List.of(
                "redis-cli",
                "-p",
                Integer.toString(site.door.port()),
                "--tls",
                "--cacert",
                directory.resolve(ca).toString()));
        words.addAll(List.of(more));
        return ClientsTest.run(words.toArray(String[]::new));
    }

    private String[] as(String name, String... words) {
        List<String> all = new java.util.ArrayList<>(List.of(
                "--cert",
                directory.resolve(name + ".crt").toString(),
                "--key",
                directory.resolve(name + ".key").toString()));
        all.addAll(List.of(words));
        return all.toArray(String[]::new);
    }

    @Test
    void clientsWithoutACertificateMayBeLetIn() throws Exception {
        try (Site site = site(false, PATIENT)) {
            assertThat(cli(site, "ca.crt", "set", "k", "v")).isEqualTo("OK\n");
            assertThat(cli(site, "strangers.crt", "ping")).contains("certificate verify failed");
        }
    }

    @Test
    void clientsOfOtherAuthoritiesAreTurnedAway() throws Exception {
        try (Site site = site(true, PATIENT)) {
            assertThat(cli(site, "ca.crt", as("client", "ping"))).isEqualTo("PONG\n");
            assertThat(cli(site, "ca.crt", "ping")).doesNotContain("PONG");
            assertThat(cli(site, "ca.crt", as("stranger", "ping"))).doesNotContain("PONG");
            assertThat(site.backend.seen).isEmpty();
        }
    }

    @Test
    void whoSpeaksPlainlyGetsNothing() throws Exception {
        try (Site site = site(false, Duration.ofMillis(300))) {
            try (RawClient plain = site.client()) {
                plain.send("PING\r\n");
                assertThat(plain.rest()).doesNotContain("PONG");
            } catch (IOException _) {
                // Reset is as good as closed.
            }
            try (RawClient silent = site.client()) {
                assertThat(silent.rest()).isEmpty();
            }
            Awaitility.await().until(() -> site.door.clients() == 0);
        }
    }

    @Test
    void aLargePipelineComesThrough() throws Exception {
        try (Site site = site(false, PATIENT)) {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
            roots.load(null, null);
            roots.setCertificateEntry("ca", certificate("ca.crt"));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(roots);
            context.init(null, trust.getTrustManagers(), null);
            try (RawClient client =
                    new RawClient(context.getSocketFactory().createSocket("127.0.0.1", site.door.port()))) {
                String value = "x".repeat(300_000);
                client.send(RawClient.request("SET", "big", value)
                        + RawClient.request("GET", "big").repeat(20));
                assertThat(client.reply()).isEqualTo("+OK\r\n");
                for (int i = 0; i < 20; i++) {
                    assertThat(client.reply()).isEqualTo("$300000\r\n" + value + "\r\n");
                }
            }
        }
    }
}
