package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.order.OrderedLog.Ambiguous;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.SubmitReply;

/// The way of a record to the leader's log: this node's own, or the leader's node. Any thread.
final class LeaderRoute implements Gate.Route {
    private final MemberId self;
    private final OrderedLog log;
    private final Peers peers;
    private final AtomicInteger appending = new AtomicInteger();

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
        appending.incrementAndGet();
        CompletableFuture<Position> answer = log.append(record);
        CompletableFuture<?> _ = answer.whenComplete((_, _) -> appending.decrementAndGet());
        return answer;
    }

    /// Records given to this node's log and not answered yet.
    int appending() {
        return appending.get();
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
