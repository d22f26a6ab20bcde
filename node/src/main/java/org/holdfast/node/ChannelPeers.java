package org.holdfast.node;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.Consenter;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.order.Peers;
import org.holdfast.order.ReadPoint;
import org.holdfast.transport.BlockStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.PartStream;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.Refusal.Refused;
import org.holdfast.wire.proto.Answer;
import org.holdfast.wire.proto.BlocksRequest;
import org.holdfast.wire.proto.CheckpointRequest;
import org.holdfast.wire.proto.DigestsAnswer;
import org.holdfast.wire.proto.DigestsQuestion;
import org.holdfast.wire.proto.Question;
import org.holdfast.wire.proto.ReadPointAnswer;
import org.holdfast.wire.proto.ReadPointQuestion;
import org.holdfast.wire.proto.RendezvousReply;
import org.holdfast.wire.proto.RendezvousRequest;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The other members of one channel, reached over links. Holds no state; thread-safe.
final class ChannelPeers implements Peers {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelPeers.class);
    /// No question waits longer: there are other members to ask.
    private static final Duration ASK_MOST = Duration.ofSeconds(2);
    private static final int VERSION = 1;

    private final Links links;
    private final ChannelConfig config;
    private final MemberId self;

    ChannelPeers(Links links, ChannelConfig config, MemberId self) {
        this.links = links;
        this.config = config;
        this.self = self;
    }

    @Override
    public CompletableFuture<SubmitReply> submit(MemberId leader, ByteString record) {
        Optional<Consenter> consenter = seat(leader.seat());
        if (consenter.isEmpty()) {
            return CompletableFuture.completedFuture(SubmitReply.newBuilder()
                    .setOutcome(SubmitReply.Outcome.NOT_LEADER)
                    .setText("the leader " + leader + " has no seat in the config")
                    .build());
        }
        return links.to(consenter.get())
                .submit(SubmitRequest.newBuilder()
                        .setChannel(config.id().name())
                        .setMember(self.toString())
                        .setRecord(record)
                        .build());
    }

    @Override
    public CompletableFuture<ReadPoint> readPoint(MemberId leader, Duration most) {
        Optional<Consenter> consenter = seat(leader.seat());
        if (consenter.isEmpty()) {
            return CompletableFuture.failedFuture(
                    Refusal.of(Code.NO_LEADER, "the leader %s has no seat in the config", leader)
                            .asException());
        }
        Question question =
                question().setReadPoint(ReadPointQuestion.getDefaultInstance()).build();
        return links.to(consenter.get()).ask(question, most).thenApply(answer -> {
            if (!answer.hasReadPoint()) {
                throw Refusal.of(Code.NO_LEADER, "the leader's node gives no read points: upgrade it")
                        .asException();
            }
            ReadPointAnswer told = answer.getReadPoint();
            return new ReadPoint(told.getHeight(), told.getTimeMillis());
        });
    }

    private Question.Builder question() {
        return Question.newBuilder()
                .setVersion(VERSION)
                .setChannel(config.id().name())
                .setMember(self.toString());
    }

    @Override
    public Optional<Seated> locate(String seat) {
        return seat(seat).flatMap(this::ask).flatMap(ChannelPeers::seated);
    }

    private static Optional<Seated> seated(RendezvousReply reply) {
        try {
            return Optional.of(new Seated(MemberId.parse(reply.getMember()), reply.getEngineAddress()));
        } catch (IllegalArgumentException e) {
            LOG.warn("A member names itself wrongly: {}", e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Optional<View> view() {
        Optional<View> best = Optional.empty();
        for (Consenter other : others()) {
            Optional<View> view = ask(other).flatMap(ChannelPeers::view);
            boolean better = view.isPresent() && (best.isEmpty() || isBetter(view.get(), best.get()));
            if (better) {
                best = view;
            }
        }
        return best;
    }

    @Override
    public List<ClockReading> clocks() {
        List<ClockReading> readings = new ArrayList<>();
        for (Consenter other : others()) {
            links.clocks()
                    .aheadMillis(other.seat(), () -> ask(other))
                    .ifPresent(ahead -> readings.add(new ClockReading(other.seat(), ahead)));
        }
        return readings;
    }

    /// Every other member that has joined the channel, with where its engine listens.
    List<Seated> othersThatJoined() {
        List<Seated> found = new ArrayList<>();
        for (Consenter other : others()) {
            ask(other)
                    .filter(RendezvousReply::getJoined)
                    .flatMap(ChannelPeers::seated)
                    .ifPresent(found::add);
        }
        return found;
    }

    @Override
    public BlockSource blocks(long from) {
        return new AnyMember(from);
    }

    private static boolean isBetter(View one, View other) {
        if (one.leader().isPresent() != other.leader().isPresent()) {
            return one.leader().isPresent();
        }
        return one.height() > other.height();
    }

    private static Optional<View> view(RendezvousReply reply) {
        try {
            List<MemberId> members =
                    reply.getMembersList().stream().map(MemberId::parse).toList();
            Optional<MemberId> leader =
                    reply.getLeader().isEmpty() ? Optional.empty() : Optional.of(MemberId.parse(reply.getLeader()));
            return members.isEmpty() ? Optional.empty() : Optional.of(new View(leader, members, reply.getHeight()));
        } catch (IllegalArgumentException e) {
            LOG.warn("A member's answer is not understood: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<RendezvousReply> ask(Consenter consenter) {
        try {
            return Optional.of(links.to(consenter)
                    .rendezvous(
                            RendezvousRequest.newBuilder()
                                    .setVersion(VERSION)
                                    .setChannel(config.id().name())
                                    .setMember(self.toString())
                                    .build(),
                            links.answer().compareTo(ASK_MOST) < 0 ? links.answer() : ASK_MOST));
        } catch (LinkBroken | Refused e) {
            LOG.debug("{} does not answer: {}", consenter.address(), Decode.reason(e));
            return Optional.empty();
        }
    }

    /// What another member's node says of its state; empty if it does not answer in time. Blocks for at most a few
    /// seconds.
    Optional<DigestsAnswer> digests(Consenter other, long from, int most) {
        Question question = question()
                .setDigests(
                        DigestsQuestion.newBuilder().setFrom(Math.max(0, from)).setMost(most))
                .build();
        try {
            Answer answer = links.to(other).ask(question, ASK_MOST).join();
            return answer.hasDigests() ? Optional.of(answer.getDigests()) : Optional.empty();
        } catch (CompletionException e) {
            LOG.debug("{} tells no digests: {}", other.address(), Decode.reason(e));
            return Optional.empty();
        }
    }

    /// Asks another member's node for a checkpoint of its state that is newer than a block.
    ///
    /// @param most for the whole of it
    /// @param silence longest wait for its next part
    PartStream checkpoint(Consenter other, long applied, Duration most, Duration silence) throws LinkBroken {
        CheckpointRequest request = CheckpointRequest.newBuilder()
                .setVersion(VERSION)
                .setChannel(config.id().name())
                .setMember(self.toString())
                .setApplied(applied)
                .build();
        return links.to(other).checkpoint(request, most, silence);
    }

    /// The other members, as the config says.
    List<Consenter> others() {
        return config.consenters().stream()
                .filter(consenter -> !consenter.seat().equals(self.seat()))
                .toList();
    }

    private Optional<Consenter> seat(String seat) {
        return config.consenters().stream()
                .filter(consenter -> consenter.seat().equals(seat))
                .findFirst();
    }

    /// Blocks from one member after the other, until none has more.
    private final class AnyMember implements BlockSource {
        private final List<Consenter> untried = new ArrayList<>(others());
        private long next;
        private @Nullable BlockStream stream;

        private AnyMember(long from) {
            this.next = from;
        }

        @Override
        public @Nullable ByteString next() {
            while (true) {
                try {
                    BlockStream open = stream != null ? stream : openNext();
                    if (open == null) {
                        return null;
                    }
                    Optional<ByteString> block = open.next();
                    if (block.isPresent()) {
                        next++;
                        return block.get();
                    }
                } catch (LinkBroken | Refused e) { // boundary: the next member is asked
                    LOG.debug("A member stopped sending at block {}: {}", next, Decode.reason(e));
                }
                close();
            }
        }

        private @Nullable BlockStream openNext() throws LinkBroken {
            if (untried.isEmpty()) {
                return null;
            }
            stream = links.to(untried.removeFirst())
                    .blocks(BlocksRequest.newBuilder()
                            .setChannel(config.id().name())
                            .setMember(self.toString())
                            .setFrom(next)
                            .build());
            return stream;
        }

        @Override
        public void close() {
            if (stream != null) {
                stream.close();
                stream = null;
            }
        }
    }
}
