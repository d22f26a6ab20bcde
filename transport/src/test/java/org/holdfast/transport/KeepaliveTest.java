package org.holdfast.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Status;
import org.hyperledger.fabric.protos.orderer.AtomicBroadcastGrpc;
import org.hyperledger.fabric.protos.orderer.BroadcastResponse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clients that ping as often as they may, which by default is each 60 s, as Fabric's peers and SDKs do.
@Tag("slow")
@Timeout(90)
class KeepaliveTest {
    /// The least that gRPC's client allows itself.
    private static final Duration PING = Duration.ofSeconds(10);
    /// A third ping that comes too early ends a connection: after this time, there were four.
    private static final Duration LONG = PING.multipliedBy(4).plusSeconds(3);

    @TempDir
    Path directory;

    @Test
    void aClientMayPingEachTenSecondsWithAndWithoutCalls() throws Exception {
        try (Site site = new Site(directory, pingedEach(PING))) {
            ManagedChannel busy = channel(site);
            ManagedChannel idle = channel(site);
            try {
                Observed held = new Observed();
                StreamObserver<Envelope> stream =
                        AtomicBroadcastGrpc.newStub(busy).broadcast(held);
                ask(stream, held, 1);
                Observed early = new Observed();
                StreamObserver<Envelope> first =
                        AtomicBroadcastGrpc.newStub(idle).broadcast(early);
                ask(first, early, 1);
                first.onCompleted();
                AtomicReference<io.grpc.ConnectivityState> moved = new AtomicReference<>();
                idle.notifyWhenStateChanged(io.grpc.ConnectivityState.READY, () -> moved.set(idle.getState(false)));
                await().pollDelay(LONG).atMost(LONG.plusSeconds(20)).until(() -> true);
                assertThat(held.failure).hasNullValue();
                assertThat(moved).as("the connection without calls stayed").hasNullValue();
                ask(stream, held, 2);
                stream.onCompleted();
            } finally {
                busy.shutdownNow();
                idle.shutdownNow();
            }
        }
    }

    private static ListenerSettings pingedEach(Duration time) {
        ListenerSettings usual = Site.settings(0, true, ListenerSettings.Limits.DEFAULT);
        return new ListenerSettings(
                usual.host(),
                0,
                true,
                usual.limits(),
                ListenerSettings.Serves.CLIENTS,
                new ListenerSettings.Keepalive(
                        time, usual.keepalive().interval(), usual.keepalive().timeout()),
                usual.sentBytes());
    }

    private static void ask(StreamObserver<Envelope> stream, Observed answers, int count) {
        stream.onNext(Envelope.getDefaultInstance());
        await().until(() -> answers.count.get() == count);
    }

    private static ManagedChannel channel(Site site) throws Exception {
        return NettyChannelBuilder.forAddress("127.0.0.1", site.listener.port())
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(site.pki.root())
                        .keyManager(
                                site.client.chainFile().toFile(),
                                site.client.keyFile().toFile())
                        .build())
                .keepAliveTime(PING.toSeconds(), TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(true)
                .build();
    }

    private static final class Observed implements StreamObserver<BroadcastResponse> {
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public void onNext(BroadcastResponse answer) {
            assertThat(answer.getStatus()).isEqualTo(Status.SUCCESS);
            count.incrementAndGet();
        }

        @Override
        public void onError(Throwable thrown) {
            failure.set(thrown);
        }

        @Override
        public void onCompleted() {}
    }
}
