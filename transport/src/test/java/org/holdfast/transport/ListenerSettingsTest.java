package org.holdfast.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.World;
import org.holdfast.transport.ListenerSettings.Keepalive;
import org.holdfast.transport.ListenerSettings.Limits;
import org.holdfast.transport.ListenerSettings.Serves;
import org.holdfast.wire.proto.RendezvousRequest;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.orderer.AtomicBroadcastGrpc;
import org.hyperledger.fabric.protos.orderer.BroadcastResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a listener can be set to. The foreign oracles are Fabric's generated stub on grpc-java's own client, and HTTP/2
/// frames written by hand after RFC 9113.
@Timeout(60)
class ListenerSettingsTest {
    private static final int PING = 6;
    private static final int GO_AWAY = 7;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final RendezvousRequest REQUEST =
            RendezvousRequest.newBuilder().setChannel("c").build();

    @TempDir
    Path directory;

    @Test
    void clientsMayComeWithoutTlsAndMembersAreNotServedThere() throws Exception {
        try (Site site = new Site(directory);
                Listener plain = plain(site, Keepalive.DEFAULT)) {
            ManagedChannel channel = open(plain);
            try {
                assertThat(broadcast(channel).get(20, TimeUnit.SECONDS).getStatusValue())
                        .isEqualTo(200);
                assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
                                channel, Methods.RENDEZVOUS, io.grpc.CallOptions.DEFAULT, REQUEST))
                        .isInstanceOfSatisfying(
                                StatusRuntimeException.class,
                                e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void aListenerForMembersLetsNobodyElseIn() throws Exception {
        ListenerSettings settings = Site.settings(0, false, Limits.DEFAULT).serving(Serves.MEMBERS);
        try (Site site = new Site(directory, settings)) {
            try (Link link = site.link(site.member)) {
                assertThatCode(() -> link.rendezvous(REQUEST, Duration.ofSeconds(10)))
                        .doesNotThrowAnyException();
            }
            // A client's certificate, good at the other listener, does not pass the handshake.
            try (Link link = site.link(site.client)) {
                assertThatThrownBy(() -> link.rendezvous(REQUEST, Duration.ofSeconds(10)))
                        .isInstanceOf(LinkBroken.class);
            }
            try (OrdererClient member =
                    OrdererClient.to(site.threads, site.target(), List.of(site.pki.root()), site.member.load())) {
                // The answer may be there before anything is sent, so either the sending or what it promised fails.
                assertThatThrownBy(
                                () -> member.broadcast().send(Site.numbered(1)).get(10, TimeUnit.SECONDS))
                        .hasMessageContaining("UNIMPLEMENTED");
            }
        }
    }

    @Test
    void aClientThatPingsTooOftenIsToldToGoAndOneThatMayIsNot() throws Exception {
        Keepalive never = new Keepalive(Duration.ofSeconds(60), Duration.ofHours(2), Duration.ofSeconds(20));
        Keepalive always = new Keepalive(Duration.ZERO, Duration.ofHours(2), Duration.ofSeconds(20));
        try (Site site = new Site(directory)) {
            try (Listener strict = plain(site, never)) {
                assertThat(pingsUntilTheEnd(strict, 8)).isLessThan(8);
            }
            try (Listener easy = plain(site, always)) {
                assertThat(pingsUntilTheEnd(easy, 8)).isEqualTo(8);
            }
        }
    }

    @Test
    void aPingEveryMinuteIsToleratedAlsoWhenItComesALittleEarly() {
        ListenerSettings shared = Site.settings(0, true, Limits.DEFAULT);
        assertThat(Listener.permitted(shared.serving(Serves.CLIENTS))).isEqualTo(Duration.ofSeconds(54));
        assertThat(Listener.permitted(shared)).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void aSilentClientIsPinged() throws Exception {
        Keepalive nosy = new Keepalive(Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofSeconds(1));
        try (Site site = new Site(directory);
                Listener listener = plain(site, nosy);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(preface());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int type = -1;
            while (type != PING) {
                type = frame(in).type();
            }
            // It is not answered, so the connection ends.
            while (in.read() >= 0) {}
        }
    }

    @Test
    void theClockForClientsMayBeSetBack() throws Exception {
        TestPki pki = new TestPki("root");
        TestPki.Holder expired =
                pki.issue(directory, "late", TestPki.newKeys(), Instant.now().minus(Duration.ofHours(1)));
        assertThat(admitted(pki, expired, Duration.ZERO)).isFalse();
        assertThat(admitted(pki, expired, Duration.ofMinutes(30))).isFalse();
        assertThat(admitted(pki, expired, Duration.ofHours(2))).isTrue();
        TestPki strangers = new TestPki("strangers");
        TestPki.Holder stranger = strangers.issue(
                directory, "stranger", TestPki.newKeys(), Instant.now().minus(Duration.ofHours(1)));
        assertThat(admitted(pki, stranger, Duration.ofHours(2))).isFalse();
    }

    private static boolean admitted(TestPki pki, TestPki.Holder holder, Duration shift) {
        PeerTrust trust = new PeerTrust(World.real().clock(), shift);
        trust.trustRoots(List.of(pki.root()));
        return trust.isClient(new java.security.cert.X509Certificate[] {holder.certificate()});
    }

    @Test
    void aMessageAboveTheLimitIsNotSent() throws Exception {
        ListenerSettings small = new ListenerSettings(
                "127.0.0.1", 0, true, Limits.DEFAULT, Serves.EVERYBODY, Keepalive.DEFAULT, 1 << 20);
        try (Site site = new Site(directory, small)) {
            site.deliver = (request, peer, sink) -> {
                sink.block(block(1000));
                sink.block(block(2 << 20));
                sink.status(200);
            };
            try (OrdererClient client = site.ordererClient();
                    DeliverStream blocks = client.deliver(Site.numbered(1))) {
                assertThat(blocks.next()).isPresent();
                assertThatThrownBy(blocks::next).isInstanceOf(LinkBroken.class).hasMessageContaining("larger than max");
            }
        }
    }

    private static ByteString block(int bytes) {
        return Envelope.newBuilder()
                .setPayload(ByteString.copyFrom(new byte[bytes]))
                .build()
                .toByteString();
    }

    private static Listener plain(Site site, Keepalive keepalive) throws ListenFault {
        ListenerSettings settings =
                new ListenerSettings("127.0.0.1", 0, false, Limits.DEFAULT, Serves.CLIENTS, keepalive, 100 << 20);
        return Listener.plain(site.threads, settings, new Services(site.broadcast, site.deliver, new NoCluster()));
    }

    private static ManagedChannel open(Listener listener) {
        return NettyChannelBuilder.forAddress("127.0.0.1", listener.port())
                .usePlaintext()
                .build();
    }

    private static CompletableFuture<BroadcastResponse> broadcast(ManagedChannel channel) {
        CompletableFuture<BroadcastResponse> answer = new CompletableFuture<>();
        AtomicBroadcastGrpc.newStub(channel)
                .broadcast(new StreamObserver<>() {
                    @Override
                    public void onNext(BroadcastResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {
                        answer.completeExceptionally(new AssertionError("no answer"));
                    }
                })
                .onNext(Envelope.newBuilder()
                        .setPayload(ByteString.copyFromUtf8("payload"))
                        .setSignature(ByteString.copyFromUtf8("signature"))
                        .build());
        return answer;
    }

    /// Pings one after the other, each after the answer to the last.
    ///
    /// @return how many were answered before the server said ENHANCE_YOUR_CALM
    private static int pingsUntilTheEnd(Listener listener, int most) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(preface());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            for (int answered = 0; answered < most; answered++) {
                out.write(new byte[] {0, 0, 8, PING, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8});
                out.flush();
                Frame frame = frame(in);
                while (frame.type() != PING) {
                    if (frame.type() == GO_AWAY) {
                        assertThat(ByteBuffer.wrap(frame.body()).getInt(4)).isEqualTo(ENHANCE_YOUR_CALM);
                        return answered;
                    }
                    frame = frame(in);
                }
            }
            return most;
        }
    }

    private static byte[] preface() {
        byte[] magic = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] emptySettings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
        return ByteBuffer.allocate(magic.length + emptySettings.length)
                .put(magic)
                .put(emptySettings)
                .array();
    }

    private record Frame(int type, byte[] body) {}

    private static Frame frame(DataInputStream in) throws IOException {
        byte[] head = in.readNBytes(9);
        assertThat(head).hasSize(9);
        int length = ByteBuffer.wrap(new byte[] {0, head[0], head[1], head[2]}).getInt();
        return new Frame(head[3], in.readNBytes(length));
    }

    private static final class NoCluster implements ClusterService {
        @Override
        public org.holdfast.wire.proto.RendezvousReply rendezvous(RendezvousRequest request, Peer peer) {
            throw new AssertionError("not served");
        }

        @Override
        public CompletableFuture<org.holdfast.wire.proto.SubmitReply> submit(
                org.holdfast.wire.proto.SubmitRequest request, Peer peer) {
            throw new AssertionError("not served");
        }

        @Override
        public CompletableFuture<org.holdfast.wire.proto.Answer> ask(
                org.holdfast.wire.proto.Question question, Peer peer) {
            throw new AssertionError("not served");
        }

        @Override
        public void blocks(org.holdfast.wire.proto.BlocksRequest request, Peer peer, BlockSink sink) {
            throw new AssertionError("not served");
        }
    }
}
