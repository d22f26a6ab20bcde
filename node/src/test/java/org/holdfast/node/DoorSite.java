package org.holdfast.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.holdfast.env.World;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.identity.Pem;
import org.holdfast.order.Orderer;
import org.holdfast.transport.ClusterService;
import org.holdfast.transport.DeliverService;
import org.holdfast.transport.Listener;
import org.holdfast.transport.ListenerSettings;
import org.holdfast.transport.NetThreads;
import org.holdfast.transport.Peer;
import org.holdfast.transport.PeerTrust;
import org.holdfast.transport.Services;
import org.holdfast.transport.TlsKeys;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// Both doors behind a listener on a socket, as the node puts them together, with TLS material of its own.
final class DoorSite implements AutoCloseable {
    private static final String NODE = "node.doors.example";
    private static final String USER = "Ann";

    final AtomicInteger delivering = new AtomicInteger();
    private final NetThreads threads;
    private final Listener listener;
    private final OrganizationFiles files;

    /// What is different from one site to the next.
    ///
    /// @param certificateRequired whether clients must show a TLS certificate
    record Kind(World world, DeliverDoor.Rules rules, boolean certificateRequired, ListenerSettings.Limits limits) {
        static Kind open(World world) {
            return new Kind(world, DeliverDoor.Rules.usual(false), false, ListenerSettings.Limits.DEFAULT);
        }

        static Kind mutual(World world) {
            return new Kind(world, DeliverDoor.Rules.usual(true), true, ListenerSettings.Limits.DEFAULT);
        }
    }

    /// The TLS material of a node and of one user; takes long to make, so a class of tests makes it once.
    static OrganizationFiles material(Path directory) {
        return OrganizationFiles.write(
                World.real(),
                OneChannel.CRYPTO,
                directory,
                new OrganizationPlan(
                        "doors.example",
                        OrganizationPlan.Kind.ORDERER,
                        List.of(new OrganizationPlan.Node(NODE, List.of("127.0.0.1"))),
                        List.of(USER)));
    }

    /// @param files see [#material]
    DoorSite(OrganizationFiles files, Kind kind, Function<ChannelId, Optional<Orderer>> channels) throws Exception {
        World real = World.real();
        this.files = files;
        Path tls = files.nodeTls(NODE);
        PeerTrust trust = new PeerTrust();
        trust.trustRoots(List.of(Pem.firstCertificate(real.disk().read(tls.resolve("ca.crt")), "ca.crt")));
        threads = NetThreads.start(real);
        DeliverDoor door = new DeliverDoor(channels, kind.world.clock(), kind.rules);
        DeliverService counted = (request, peer, sink) -> {
            delivering.incrementAndGet();
            try {
                door.deliver(request, peer, sink);
            } finally {
                delivering.decrementAndGet();
            }
        };
        listener = Listener.start(
                threads,
                new ListenerSettings("127.0.0.1", 0, kind.certificateRequired, kind.limits),
                TlsKeys.load(real.disk(), tls.resolve("server.crt"), tls.resolve("server.key")),
                trust,
                new Services(new BroadcastDoor(channels), counted, new NoCluster()));
    }

    /// A client that shows no certificate.
    RawClient client() throws Exception {
        return connect(null);
    }

    /// A client that shows its certificate.
    RawClient certifiedClient() throws Exception {
        return connect(files.userTls(USER));
    }

    Path clientCertificate() {
        return files.userTls(USER).resolve("client.crt");
    }

    private RawClient connect(@Nullable Path tls) throws Exception {
        return new RawClient(listener.port(), files.nodeTls(NODE).resolve("ca.crt"), tls);
    }

    @Override
    public void close() {
        listener.close();
        threads.close();
    }

    private static final class NoCluster implements ClusterService {
        @Override
        public org.holdfast.wire.proto.RendezvousReply rendezvous(
                org.holdfast.wire.proto.RendezvousRequest request, Peer peer) {
            throw Refusal.of(Code.NOT_A_MEMBER, "no members here").asException();
        }

        @Override
        public java.util.concurrent.CompletableFuture<org.holdfast.wire.proto.SubmitReply> submit(
                org.holdfast.wire.proto.SubmitRequest request, Peer peer) {
            throw Refusal.of(Code.NOT_A_MEMBER, "no members here").asException();
        }

        @Override
        public java.util.concurrent.CompletableFuture<org.holdfast.wire.proto.Answer> ask(
                org.holdfast.wire.proto.Question question, Peer peer) {
            throw Refusal.of(Code.NOT_A_MEMBER, "no members here").asException();
        }

        @Override
        public void blocks(
                org.holdfast.wire.proto.BlocksRequest request, Peer peer, org.holdfast.transport.BlockSink sink) {
            throw Refusal.of(Code.NOT_A_MEMBER, "no members here").asException();
        }
    }
}
