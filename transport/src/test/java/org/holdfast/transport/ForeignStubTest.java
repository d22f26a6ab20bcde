package org.holdfast.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.BlockData;
import org.hyperledger.fabric.protos.common.BlockHeader;
import org.hyperledger.fabric.protos.common.BlockMetadata;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Status;
import org.hyperledger.fabric.protos.orderer.AtomicBroadcastGrpc;
import org.hyperledger.fabric.protos.orderer.BroadcastResponse;
import org.hyperledger.fabric.protos.orderer.DeliverResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Both ends of AtomicBroadcast against the stubs generated for Hyperledger Fabric (fabric-protos).
@Timeout(60)
class ForeignStubTest {
    @TempDir
    Path directory;

    @Test
    void fabricStubBroadcastsAndReadsStoredBlocksByteForByte() throws Exception {
        try (Site site = new Site(directory)) {
            CompletableFuture<ByteString> envelopeSeen = new CompletableFuture<>();
            site.broadcast = (envelope, peer) -> {
                envelopeSeen.complete(envelope);
                return CompletableFuture.completedFuture(BroadcastAnswer.OK);
            };
            ByteString stored = block(7, 300_000);
            site.deliver = (request, peer, sink) -> {
                sink.block(stored);
                sink.block(ByteString.EMPTY);
                sink.status(200);
            };
            ManagedChannel channel = Wire.open(
                    site.threads,
                    site.target(),
                    TlsContexts.client(site.client.load(), PeerTrust.servers(java.util.List.of(site.pki.root()))),
                    60);
            try {
                var stub = AtomicBroadcastGrpc.newStub(channel);
                Answers<BroadcastResponse> answers = new Answers<>();
                Envelope sent = Envelope.newBuilder()
                        .setPayload(ByteString.copyFromUtf8("payload"))
                        .setSignature(ByteString.copyFromUtf8("signature"))
                        .build();
                StreamObserver<Envelope> envelopes = stub.broadcast(answers);
                envelopes.onNext(sent);
                assertThat(answers.next().getStatus()).isEqualTo(Status.SUCCESS);
                assertThat(envelopeSeen.join()).isEqualTo(sent.toByteString());
                envelopes.onCompleted();
                answers.awaitEnd();

                Answers<DeliverResponse> blocks = new Answers<>();
                StreamObserver<Envelope> seeks = stub.deliver(blocks);
                for (int request = 0; request < 2; request++) {
                    seeks.onNext(sent);
                    assertThat(blocks.next().getBlock().toByteString()).isEqualTo(stored);
                    assertThat(blocks.next().hasBlock()).isTrue();
                    assertThat(blocks.next().getStatus()).isEqualTo(Status.SUCCESS);
                }
                seeks.onCompleted();
                blocks.awaitEnd();
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void deliverStreamEndsAfterAnythingButSuccess() throws Exception {
        try (Site site = new Site(directory)) {
            site.deliver = (request, peer, sink) -> sink.status(404);
            ManagedChannel channel = Wire.open(
                    site.threads,
                    site.target(),
                    TlsContexts.client(site.client.load(), PeerTrust.servers(java.util.List.of(site.pki.root()))),
                    60);
            try {
                Answers<DeliverResponse> blocks = new Answers<>();
                AtomicBroadcastGrpc.newStub(channel).deliver(blocks).onNext(Envelope.getDefaultInstance());
                assertThat(blocks.next().getStatus()).isEqualTo(Status.NOT_FOUND);
                blocks.awaitEnd();
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void ourClientSpeaksToAServerBuiltFromFabricsStub() throws Exception {
        TestPki pki = new TestPki("root");
        TestPki.Holder holder = pki.issue(directory, "server");
        ByteString stored = block(3, 10_000);
        Server server = NettyServerBuilder.forPort(0)
                .sslContext(TlsContexts.server(holder.load(), new PeerTrust().atListener(false), false))
                .addService(new FabricServer(Block.parseFrom(stored)))
                .build()
                .start();
        try (NetThreads threads = NetThreads.start(org.holdfast.env.World.real());
                OrdererClient client = OrdererClient.to(
                        threads, new Target("127.0.0.1", server.getPort()), java.util.List.of(pki.root()), null)) {
            ByteString envelope = Envelope.newBuilder()
                    .setPayload(ByteString.copyFromUtf8("p"))
                    .build()
                    .toByteString();
            try (BroadcastStream stream = client.broadcast()) {
                BroadcastAnswer answer = stream.send(envelope).get(5, TimeUnit.SECONDS);
                assertThat(answer).isEqualTo(new BroadcastAnswer(503, "p"));
            }
            try (DeliverStream blocks = client.deliver(envelope)) {
                assertThat(blocks.next()).contains(stored);
                assertThat(blocks.next()).isEqualTo(Optional.empty());
                assertThat(blocks.status()).isEqualTo(200);
            }
        } finally {
            server.shutdownNow();
        }
    }

    private static ByteString block(long number, int bytes) {
        byte[] envelope = new byte[bytes];
        new Random(number).nextBytes(envelope);
        BlockMetadata.Builder metadata = BlockMetadata.newBuilder();
        for (int slot = 0; slot < 5; slot++) {
            metadata.addMetadata(ByteString.copyFrom(new byte[slot]));
        }
        return Block.newBuilder()
                .setHeader(BlockHeader.newBuilder().setNumber(number))
                .setData(BlockData.newBuilder().addData(ByteString.copyFrom(envelope)))
                .setMetadata(metadata)
                .build()
                .toByteString();
    }

    private static final class FabricServer extends AtomicBroadcastGrpc.AtomicBroadcastImplBase {
        private final Block block;

        FabricServer(Block block) {
            this.block = block;
        }

        @Override
        public StreamObserver<Envelope> broadcast(StreamObserver<BroadcastResponse> answers) {
            return new Requests(envelope -> {
                answers.onNext(BroadcastResponse.newBuilder()
                        .setStatus(Status.SERVICE_UNAVAILABLE)
                        .setInfo(envelope.getPayload().toStringUtf8())
                        .build());
                answers.onCompleted();
            });
        }

        @Override
        public StreamObserver<Envelope> deliver(StreamObserver<DeliverResponse> answers) {
            return new Requests(envelope -> {
                answers.onNext(DeliverResponse.newBuilder().setBlock(block).build());
                answers.onNext(
                        DeliverResponse.newBuilder().setStatus(Status.SUCCESS).build());
            });
        }
    }

    private record Requests(java.util.function.Consumer<Envelope> each) implements StreamObserver<Envelope> {
        @Override
        public void onNext(Envelope envelope) {
            each.accept(envelope);
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }

    private static final class Answers<T> implements StreamObserver<T> {
        private final LinkedBlockingQueue<T> arrived = new LinkedBlockingQueue<>();
        private final CompletableFuture<Void> end = new CompletableFuture<>();

        T next() throws InterruptedException {
            T message = arrived.poll(10, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("nothing came; ended: " + end);
            }
            return message;
        }

        void awaitEnd() throws Exception {
            end.get(10, TimeUnit.SECONDS);
        }

        @Override
        public void onNext(T message) {
            arrived.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            end.complete(null);
        }
    }
}
