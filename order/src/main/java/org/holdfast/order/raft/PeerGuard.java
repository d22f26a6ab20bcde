package org.holdfast.order.raft;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.Grpc;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.holdfast.env.Invariant;
import org.holdfast.wire.MemberId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides which messages reach Ratis. Ratis itself checks neither to whom a message is addressed nor who sent it,
/// and serves its client and admin protocols on the same port.
///
/// Taken in: server protocol only; addressed to this member id; sent by a member whose seat is the seat of the
/// certificate the connection was made with; not by an incarnation that was cut from the group (a member may have lost
/// its seat in one channel and have it in others); for a group that has started. Ratis
/// takes messages while a group starts, and where one changes its role in that moment the start fails for good
/// ("previous != null", from RoleInfo: two threads start the follower's state).
///
/// Called on gRPC's threads and, for cutting, starting and stopping, on any thread.
final class PeerGuard implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(PeerGuard.class);

    private final MemberId self;
    private final VoteBarrier barrier;
    /// Calls that are open, bounded by the peers' connections and the calls each is allowed.
    private final Set<GuardedCall<?, ?>> calls = ConcurrentHashMap.newKeySet();
    /// The last incarnation that is refused.
    private final Map<Place, Integer> cut = new ConcurrentHashMap<>();
    /// Ids of the groups that take messages.
    private final Set<ByteString> started = ConcurrentHashMap.newKeySet();

    PeerGuard(MemberId self, VoteBarrier barrier) {
        this.self = self;
        this.barrier = barrier;
    }

    /// A seat in a group.
    private record Place(ByteString group, String seat) {}

    /// Ends a group's calls of a member and of its earlier incarnations and refuses new ones.
    void cut(RaftGroupId group, MemberId member) {
        cut.merge(new Place(group.toByteString(), member.seat()), member.incarnation(), Math::max);
        for (GuardedCall<?, ?> call : calls) {
            if (call.seat().equals(member.seat())
                    && call.sent().map(this::isCut).orElse(true)) {
                call.refuse(Status.PERMISSION_DENIED.withDescription(member + " is no member any more"));
            }
        }
    }

    /// Takes a group's messages of this member and of later incarnations of its seat, and of no earlier one.
    void admit(RaftGroupId group, MemberId member) {
        cut.put(new Place(group.toByteString(), member.seat()), member.incarnation() - 1);
    }

    /// The group is no more; another of its name begins anew.
    void forget(RaftGroupId group) {
        cut.keySet().removeIf(place -> place.group.equals(group.toByteString()));
    }

    /// Takes a group's messages from now on: it has started.
    void started(RaftGroupId group) {
        started.add(group.toByteString());
    }

    /// Takes no more of a group's messages: it is about to be stopped, or to start.
    void stopped(RaftGroupId group) {
        started.remove(group.toByteString());
    }

    boolean hasStarted(RaftRpcRequestProto request) {
        return started.contains(request.getRaftGroupId().getId());
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String service = call.getMethodDescriptor().getServiceName();
        if (!RaftServerProtocolServiceGrpc.SERVICE_NAME.equals(service)) {
            return refused(call, Status.PERMISSION_DENIED.withDescription(service + " is not served here"));
        }
        Optional<String> seat = seat(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        if (seat.isEmpty()) {
            return refused(call, Status.UNAUTHENTICATED.withDescription("no client certificate"));
        }
        GuardedCall<Q, R> guarded = new GuardedCall<>(call, seat.get(), barrier, calls::remove);
        calls.add(guarded);
        return new GuardedListener<>(next.startCall(guarded, headers), guarded, this);
    }

    /// Why a message is not taken in; empty when it is.
    Optional<String> objection(RaftRpcRequestProto request, String seat) {
        String to = request.getReplyId().toStringUtf8();
        if (!to.equals(self.toString())) {
            return Optional.of("addressed to " + to + ", this is " + self);
        }
        MemberId from;
        try {
            from = MemberId.parse(request.getRequestorId().toStringUtf8());
        } catch (IllegalArgumentException malformed) {
            return Optional.of("sender: " + malformed.getMessage());
        }
        if (!from.seat().equals(seat)) {
            return Optional.of("sent as " + from + " with the certificate of seat " + seat);
        }
        return isCut(new Sent(request.getRaftGroupId().getId(), from))
                ? Optional.of(from + " is no member any more")
                : Optional.empty();
    }

    /// Who sent a message, about which group.
    record Sent(ByteString group, MemberId by) {
        static Sent of(RaftRpcRequestProto request) {
            return new Sent(
                    request.getRaftGroupId().getId(),
                    MemberId.parse(request.getRequestorId().toStringUtf8()));
        }
    }

    private boolean isCut(Sent sent) {
        Integer last = cut.get(new Place(sent.group, sent.by.seat()));
        return last != null && sent.by.incarnation() <= last;
    }

    /// The envelope of a server protocol message, or null for a message that has none.
    static @Nullable RaftRpcRequestProto envelope(Object message) {
        return switch (message) {
            case AppendEntriesRequestProto m -> m.getServerRequest();
            case InstallSnapshotRequestProto m -> m.getServerRequest();
            case RequestVoteRequestProto m -> m.getServerRequest();
            case ReadIndexRequestProto m -> m.getServerRequest();
            case StartLeaderElectionRequestProto m -> m.getServerRequest();
            default -> null;
        };
    }

    private static <Q> ServerCall.Listener<Q> refused(ServerCall<Q, ?> call, Status status) {
        LOG.warn("refused {}: {}", call.getMethodDescriptor().getFullMethodName(), status.getDescription());
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private static Optional<String> seat(@Nullable SSLSession session) {
        if (session == null) {
            return Optional.empty();
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(chain[0].getPublicKey().getEncoded());
            return Optional.of(HexFormat.of().formatHex(hash, 0, 8));
        } catch (SSLPeerUnverifiedException anonymous) {
            return Optional.empty();
        } catch (NoSuchAlgorithmException e) {
            throw Invariant.broken("every Java has SHA-256: %s", e);
        }
    }
}
