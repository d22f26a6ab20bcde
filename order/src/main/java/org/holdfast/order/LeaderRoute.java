package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.order.OrderedLog.Ambiguous;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.SubmitReply;

/// The way of a record to the leader's log: this node's own, or the leader's node. Any thread.
final class LeaderRoute implements Gate.Route {
    /// What a small envelope takes, with its signature and its creator's certificate.
    private static final int ENVELOPE_BYTES = 1024;

    private final MemberId self;
    private final OrderedLog log;
    private final Peers peers;
    private final AtomicLong appendingBytes = new AtomicLong();

    LeaderRoute(MemberId self, OrderedLog log, Peers peers) {
        this.self = self;
        this.log = log;
        this.peers = peers;
    }

    @Override
    public boolean local(Leadership leadership) {
        return leadership.leader().filter(self::equals).isPresent();
    }

    @Override
    public CompletableFuture<Void> submit(Leadership leadership, ByteString record) {
        if (leadership.leader().isEmpty()) {
            return CompletableFuture.failedFuture(
                    Refusal.of(Code.NO_LEADER, "no leader is known").asException());
        }
        if (local(leadership)) {
            return append(record).thenAccept(position -> {});
        }
        return peers.submit(leadership.leader().get(), record).thenCompose(LeaderRoute::outcome);
    }

    /// Appends to this node's log, as its leader.
    CompletableFuture<Position> append(ByteString record) {
        appendingBytes.addAndGet(record.size());
        CompletableFuture<Position> answer = log.append(record);
        CompletableFuture<?> _ = answer.whenComplete((_, _) -> appendingBytes.addAndGet(-record.size()));
        return answer;
    }

    /// Envelopes given to this node's log, by any gate, and not answered yet: about, a record is not opened for it.
    long appending() {
        return appendingBytes.get() / ENVELOPE_BYTES;
    }

    /// Whether everything given to this node's log was answered.
    boolean isIdle() {
        return appendingBytes.get() == 0;
    }

    private static CompletableFuture<Void> outcome(SubmitReply reply) {
        return switch (reply.getOutcome()) {
            case COMMITTED -> CompletableFuture.completedFuture(null);
            case NOT_LEADER, REFUSED ->
                CompletableFuture.failedFuture(
                        Refusal.of(Code.NOT_LEADER, "the leader's node answered: %s", reply.getText())
                                .asException());
            case AMBIGUOUS, UNSPECIFIED, UNRECOGNIZED ->
                CompletableFuture.failedFuture(new Ambiguous("the link to the leader broke"));
        };
    }
}
