package org.holdfast.node;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.holdfast.env.Clock;
import org.holdfast.ledger.Cursor;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.Orderer;
import org.holdfast.order.OrdererStatus;
import org.holdfast.order.ReadPoint;
import org.holdfast.transport.BlockSink;
import org.holdfast.transport.ClusterService;
import org.holdfast.transport.PartSink;
import org.holdfast.transport.Peer;
import org.holdfast.transport.ReaderGone;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.Refusal.Refused;
import org.holdfast.wire.proto.Answer;
import org.holdfast.wire.proto.BlocksRequest;
import org.holdfast.wire.proto.CheckpointRequest;
import org.holdfast.wire.proto.Question;
import org.holdfast.wire.proto.ReadPointAnswer;
import org.holdfast.wire.proto.RendezvousReply;
import org.holdfast.wire.proto.RendezvousRequest;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;
import org.jspecify.annotations.Nullable;

/// What this node answers to other members: who it is, records for its log, blocks of its ledger, checkpoints of
/// its states. A member is
/// believed to be the one its certificate says, and only in the channels where it has a seat.
final class ClusterDoor implements ClusterService {
    private static final int VERSION = 1;

    private final Channels channels;
    private final Clock clock;
    private final StateDigests digests;

    ClusterDoor(Channels channels, Clock clock, StateDigests digests) {
        this.digests = digests;
        this.channels = channels;
        this.clock = clock;
    }

    @Override
    public RendezvousReply rendezvous(RendezvousRequest request, Peer peer) {
        RendezvousReply.Builder reply = RendezvousReply.newBuilder()
                .setVersion(VERSION)
                .setMember(channels.self().toString())
                .setEngineAddress(channels.engineAddress())
                .setWallMillis(clock.wallMillis())
                .setSoftwareVersion(Version.text());
        if (!ChannelId.isValid(request.getChannel())) {
            return reply.build();
        }
        ChannelId id = new ChannelId(request.getChannel());
        reply.setJoined(channels.hasJoined(id));
        channels.find(id).ifPresent(orderer -> {
            requireSeat(orderer, peer);
            OrdererStatus status = orderer.status();
            reply.setHeight(status.height());
            status.members().forEach(member -> reply.addMembers(member.toString()));
            status.leader().ifPresent(leader -> reply.setLeader(leader.toString()));
        });
        return reply.build();
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SubmitRequest request, Peer peer) {
        Orderer orderer = channel(request.getChannel());
        requireSeat(orderer, peer);
        MemberId from = member(request.getMember(), peer);
        return orderer.submitFrom(from, request.getRecord()).handle((position, failure) -> reply(failure));
    }

    @Override
    public void blocks(BlocksRequest request, Peer peer, BlockSink sink) throws ReaderGone {
        Orderer orderer = channel(request.getChannel());
        requireSeat(orderer, peer);
        long until = request.getUntil() == 0
                ? orderer.feed().height()
                : Math.min(request.getUntil(), orderer.feed().height());
        try (Cursor cursor = orderer.feed().cursor(request.getFrom())) {
            while (cursor.position() < until) {
                StoredBlock block = cursor.poll();
                if (block == null) {
                    return;
                }
                sink.block(block.bytes());
            }
        }
    }

    @Override
    public void checkpoint(CheckpointRequest request, Peer peer, PartSink sink) throws ReaderGone {
        Orderer orderer = channel(request.getChannel());
        requireSeat(orderer, peer);
        digests.keyspaces().checkpoint(orderer.config().id(), request.getApplied(), sink::part);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Peer peer) {
        Orderer orderer = channel(question.getChannel());
        requireSeat(orderer, peer);
        return switch (question.getBodyCase()) {
            case READ_POINT -> orderer.leaderReadPoint().thenApply(ClusterDoor::answer);
            case DIGESTS ->
                CompletableFuture.completedFuture(Answer.newBuilder()
                        .setVersion(VERSION)
                        .setDigests(digests.of(
                                orderer.config().id(),
                                question.getDigests().getFrom(),
                                question.getDigests().getMost()))
                        .build());
            case BODY_NOT_SET ->
                throw Refusal.of(
                                Code.MALFORMED_ENVELOPE,
                                "this node (version %s) does not know the question: upgrade it",
                                Version.text())
                        .asException();
        };
    }

    private static Answer answer(ReadPoint point) {
        return Answer.newBuilder()
                .setVersion(VERSION)
                .setReadPoint(
                        ReadPointAnswer.newBuilder().setHeight(point.height()).setTimeMillis(point.timeMillis()))
                .build();
    }

    private static SubmitReply reply(@Nullable Throwable failure) {
        SubmitReply.Builder reply = SubmitReply.newBuilder();
        Throwable cause = failure == null ? null : Decode.cause(failure);
        if (cause == null) {
            reply.setOutcome(SubmitReply.Outcome.COMMITTED);
        } else if (cause instanceof Refused refused) {
            boolean leads = refused.refusal().code() != Code.NOT_LEADER;
            reply.setOutcome(leads ? SubmitReply.Outcome.REFUSED : SubmitReply.Outcome.NOT_LEADER)
                    .setCode(refused.refusal().code().number())
                    .setText(refused.refusal().text());
        } else {
            reply.setOutcome(SubmitReply.Outcome.AMBIGUOUS).setText(Decode.reason(cause));
        }
        return reply.build();
    }

    private Orderer channel(String name) {
        if (ChannelId.isValid(name)) {
            return channels.find(new ChannelId(name)).orElseThrow(() -> unknown(name));
        }
        throw unknown(name);
    }

    private static Refused unknown(String name) {
        return Refusal.of(Code.UNKNOWN_CHANNEL, "channel '%s' is not on this node", name)
                .asException();
    }

    private static void requireSeat(Orderer orderer, Peer peer) {
        boolean seated = orderer.config().consenters().stream()
                .anyMatch(consenter -> consenter.seat().equals(seat(peer)));
        if (!seated) {
            throw Refusal.of(
                            Code.NOT_A_MEMBER,
                            "seat %s is not one of channel %s",
                            seat(peer),
                            orderer.config().id())
                    .asException();
        }
    }

    private static MemberId member(String text, Peer peer) {
        try {
            MemberId member = MemberId.parse(text);
            if (member.seat().equals(seat(peer))) {
                return member;
            }
        } catch (IllegalArgumentException malformed) {
            // the same refusal
        }
        throw Refusal.of(Code.NOT_A_MEMBER, "'%s' is not a member of seat %s", text, seat(peer))
                .asException();
    }

    /// The transport lets nobody in without a seat; the empty one is nobody's.
    private static String seat(Peer peer) {
        return Objects.requireNonNullElse(peer.seat(), "");
    }
}
