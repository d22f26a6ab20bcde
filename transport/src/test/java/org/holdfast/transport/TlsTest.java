package org.holdfast.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.RendezvousReply;
import org.holdfast.wire.proto.RendezvousRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Who gets in, with real handshakes. Certificates are made by BouncyCastle.
@Timeout(60)
class TlsTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final RendezvousRequest REQUEST =
            RendezvousRequest.newBuilder().setChannel("alpha").build();

    @TempDir
    Path directory;

    @Test
    void memberIsKnownByItsSeatEvenWithAnExpiredCertificate() throws Exception {
        try (Site site = new Site(directory)) {
            KeyPair keys = TestPki.newKeys();
            TestPki.Holder expired =
                    site.pki.issue(directory, "expired", keys, Instant.now().minusSeconds(60));
            site.trust.pin(List.of(keys.getPublic()));
            try (Link link = site.link(expired)) {
                RendezvousReply reply = link.rendezvous(REQUEST, DEADLINE);
                assertThat(reply.getMember()).isEqualTo(Peer.seatOf(keys.getPublic()) + ".1");
                assertThat(reply.getEngineAddress()).isEqualTo("alpha:1");
            }
        }
    }

    @Test
    void foreignCertificateIsTurnedAwayInTheHandshake() throws Exception {
        try (Site site = new Site(directory)) {
            TestPki.Holder foreign = new TestPki("elsewhere").issue(directory, "foreign");
            try (Link link = site.link(foreign)) {
                assertThatThrownBy(() -> link.rendezvous(REQUEST, DEADLINE)).isInstanceOf(LinkBroken.class);
            }
        }
    }

    @Test
    void clientMayNotCallClusterMethods() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.client)) {
            assertThatThrownBy(() -> link.rendezvous(REQUEST, DEADLINE))
                    .isInstanceOfSatisfying(Refusal.Refused.class, e -> {
                        assertThat(e.refusal().code()).isEqualTo(Code.NOT_A_MEMBER);
                        assertThat(e.refusal().text()).contains("consenter");
                    });
        }
    }

    @Test
    void linkSpeaksToNoOtherKeyThanThePinnedOne() throws Exception {
        try (Site site = new Site(directory);
                Link link = Link.to(
                        site.threads,
                        site.target(),
                        site.member.load(),
                        TestPki.newKeys().getPublic())) {
            assertThatThrownBy(() -> link.rendezvous(REQUEST, DEADLINE))
                    .isInstanceOf(LinkBroken.class)
                    .hasMessageContaining("no member's key here");
        }
    }

    @Test
    void removedPinEndsTheRightToCallAndToConnectAgain() throws Exception {
        try (Site site = new Site(directory)) {
            // A root that the member's certificate does not chain to: only its pin lets it in.
            site.trust.trustRoots(List.of(new TestPki("other").root()));
            TlsKeys keys = site.member.load();
            try (Link link = Link.to(
                    site.threads, site.target(), keys, site.server.keys().getPublic())) {
                link.rendezvous(REQUEST, DEADLINE);
                site.trust.pin(List.of());
                // On the open connection.
                assertThatThrownBy(() -> link.rendezvous(REQUEST, DEADLINE)).isInstanceOf(Refusal.Refused.class);
            }
            try (Link again = Link.to(
                    site.threads, site.target(), keys, site.server.keys().getPublic())) {
                assertThatThrownBy(() -> again.rendezvous(REQUEST, DEADLINE)).isInstanceOf(LinkBroken.class);
            }
        }
    }

    @Test
    void reloadedServerKeyShowsInTheNextConnection() throws Exception {
        try (Site site = new Site(directory)) {
            try (Link link = site.link(site.member)) {
                link.rendezvous(REQUEST, DEADLINE);
            }
            TestPki.Holder renewed = site.pki.issue(directory, "server");
            assertThat(site.serverKeys.reload()).isEmpty();
            try (Link old = site.link(site.member)) {
                assertThatThrownBy(() -> old.rendezvous(REQUEST, DEADLINE)).isInstanceOf(LinkBroken.class);
            }
            try (Link link = Link.to(
                    site.threads,
                    site.target(),
                    site.member.load(),
                    renewed.keys().getPublic())) {
                link.rendezvous(REQUEST, DEADLINE);
            }
        }
    }

    @Test
    void badFilesKeepTheOldMaterialAndSayWhy() throws Exception {
        TestPki pki = new TestPki("root");
        TestPki.Holder holder = pki.issue(directory, "node");
        TlsKeys keys = holder.load();
        Files.copy(pki.issue(directory, "another").keyFile(), directory.resolve("copy.key"));
        Files.writeString(holder.keyFile(), Files.readString(directory.resolve("copy.key")));
        assertThat(keys.reload())
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("node.key")
                        .contains("does not belong")
                        .contains("stays in use"));
        Files.writeString(holder.keyFile(), "no pem");
        assertThat(keys.reload()).hasValueSatisfying(why -> assertThat(why).contains("no unencrypted PEM private key"));
        Files.delete(holder.keyFile());
        assertThat(keys.reload()).hasValueSatisfying(why -> assertThat(why).contains("cannot read"));
        assertThat(keys.certificate()).isEqualTo(holder.certificate());
        assertThatThrownBy(holder::load).isInstanceOf(TlsMaterialException.class);
    }

    @Test
    void garbageOnThePortLeavesItServing() throws Exception {
        try (Site site = new Site(directory)) {
            byte[] noise = new byte[4096];
            new Random(1).nextBytes(noise);
            byte[] brokenTls = {22, 3, 1, 0x40, 0, 1, 0, 0, 0, 1, 2, 3, 4, 5};
            byte[] http = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            for (byte[] garbage : List.of(noise, brokenTls, http, new byte[0])) {
                for (int i = 0; i < 20; i++) {
                    throwAt(site, garbage);
                }
            }
            try (Link link = site.link(site.member)) {
                assertThatCode(() -> link.rendezvous(REQUEST, DEADLINE)).doesNotThrowAnyException();
            }
        }
    }

    @Test
    void connectionsBeyondTheLimitAreClosedAndRoomComesBack() throws Exception {
        var limits = new ListenerSettings.Limits(
                1 << 20,
                2,
                new ListenerSettings.Window(10, 1 << 20),
                1 << 20,
                new ListenerSettings.Timeouts(Duration.ofMillis(500), Duration.ofMinutes(1)));
        try (Site site = new Site(directory, Site.settings(0, true, limits))) {
            try (Socket one = connect(site);
                    Socket two = connect(site);
                    Socket three = connect(site)) {
                three.setSoTimeout(5_000);
                assertThat(three.getInputStream().read()).isEqualTo(-1);
                // Silent connections are ended by the handshake timeout.
                one.setSoTimeout(5_000);
                two.setSoTimeout(5_000);
                while (one.getInputStream().read() >= 0) {}
                while (two.getInputStream().read() >= 0) {}
            }
            try (Link link = site.link(site.member)) {
                assertThat(link.rendezvous(REQUEST, DEADLINE).getMember()).endsWith(".1");
            }
        }
    }

    @Test
    void busyPortIsNamed() throws Exception {
        try (Site site = new Site(directory)) {
            int port = site.listener.port();
            assertThatThrownBy(() -> site.listen(Site.settings(port, true, ListenerSettings.Limits.DEFAULT)))
                    .isInstanceOf(ListenFault.class)
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining("stop the program");
        }
    }

    private static Socket connect(Site site) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), site.listener.port());
    }

    private static void throwAt(Site site, byte[] garbage) throws IOException {
        try (Socket socket = connect(site)) {
            socket.getOutputStream().write(garbage);
            socket.getOutputStream().flush();
        } catch (java.net.SocketException _) {
            // Reset by the listener while we wrote: what it is there for.
            return;
        }
    }
}
