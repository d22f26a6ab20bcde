package org.holdfast.transport;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.holdfast.env.World;
import org.holdfast.wire.proto.Answer;
import org.holdfast.wire.proto.BlocksRequest;
import org.holdfast.wire.proto.CheckpointRequest;
import org.holdfast.wire.proto.Question;
import org.holdfast.wire.proto.RendezvousReply;
import org.holdfast.wire.proto.RendezvousRequest;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;
import org.hyperledger.fabric.protos.common.Envelope;

/// A listener on a free port with a client and a member that may talk to it. What its services do is set by the
/// test.
final class Site implements AutoCloseable {
    final NetThreads threads = NetThreads.start(World.real());
    final PeerTrust trust = new PeerTrust();
    final TestPki pki;
    final TestPki.Holder server;
    final TestPki.Holder member;
    final TestPki.Holder client;
    final TlsKeys serverKeys;
    volatile BroadcastService broadcast = (envelope, peer) -> CompletableFuture.completedFuture(BroadcastAnswer.OK);
    volatile DeliverService deliver = (request, peer, sink) -> sink.status(200);
    volatile Submits submits = (request, peer) -> CompletableFuture.completedFuture(
            SubmitReply.newBuilder().setOutcome(SubmitReply.Outcome.COMMITTED).build());
    volatile BlockSource blocks = (request, sink) -> {};
    volatile PartSource parts = (request, sink) -> {};
    volatile Questions questions = (question, peer) -> CompletableFuture.completedFuture(Answer.getDefaultInstance());
    Listener listener;

    interface Submits {
        CompletableFuture<SubmitReply> submit(SubmitRequest request, Peer peer);
    }

    interface Questions {
        CompletableFuture<Answer> ask(Question question, Peer peer);
    }

    interface BlockSource {
        void send(BlocksRequest request, BlockSink sink) throws ReaderGone;
    }

    interface PartSource {
        void send(CheckpointRequest request, PartSink sink) throws ReaderGone;
    }

    Site(Path directory) throws Exception {
        this(directory, settings(0, true, ListenerSettings.Limits.DEFAULT));
    }

    Site(Path directory, ListenerSettings settings) throws Exception {
        pki = new TestPki("root");
        server = pki.issue(directory, "server");
        member = pki.issue(directory, "member");
        client = pki.issue(directory, "client");
        serverKeys = server.load();
        trust.pin(List.of(member.keys().getPublic()));
        trust.trustRoots(List.of(pki.root()));
        listener = listen(settings);
    }

    static ListenerSettings settings(int port, boolean clientCertificateRequired, ListenerSettings.Limits limits) {
        return new ListenerSettings("127.0.0.1", port, clientCertificateRequired, limits);
    }

    Listener listen(ListenerSettings settings) throws ListenFault {
        return Listener.start(
                threads,
                settings,
                serverKeys,
                trust,
                new Services(
                        (envelope, peer) -> broadcast.broadcast(envelope, peer),
                        (request, peer, sink) -> deliver.deliver(request, peer, sink),
                        new Cluster()));
    }

    Target target() {
        return new Target("127.0.0.1", listener.port());
    }

    OrdererClient ordererClient() throws TlsMaterialException {
        return OrdererClient.to(threads, target(), List.of(pki.root()), client.load());
    }

    Link link(TestPki.Holder as) throws TlsMaterialException {
        return Link.to(threads, target(), as.load(), server.keys().getPublic());
    }

    @Override
    public void close() {
        listener.close();
        threads.close();
    }

    /// An envelope that tells which it is.
    static ByteString numbered(int number) {
        return envelope(ByteString.copyFromUtf8("envelope " + number));
    }

    static ByteString envelope(ByteString payload) {
        return Envelope.newBuilder().setPayload(payload).build().toByteString();
    }

    private final class Cluster implements ClusterService {
        @Override
        public RendezvousReply rendezvous(RendezvousRequest request, Peer peer) {
            return RendezvousReply.newBuilder()
                    .setMember(peer.seat() + ".1")
                    .setEngineAddress(request.getChannel() + ":1")
                    .build();
        }

        @Override
        public CompletableFuture<SubmitReply> submit(SubmitRequest request, Peer peer) {
            return submits.submit(request, peer);
        }

        @Override
        public CompletableFuture<Answer> ask(Question question, Peer peer) {
            return questions.ask(question, peer);
        }

        @Override
        public void blocks(BlocksRequest request, Peer peer, BlockSink sink) throws ReaderGone {
            blocks.send(request, sink);
        }

        @Override
        public void checkpoint(CheckpointRequest request, Peer peer, PartSink sink) throws ReaderGone {
            parts.send(request, sink);
        }
    }
}
