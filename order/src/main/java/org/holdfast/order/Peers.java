package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.SubmitReply;
import org.jspecify.annotations.Nullable;

/// How an orderer reaches the other members of its channel. Filled in by the node with links of `transport`.
public interface Peers {
    /// Hands a record to the node of the member that leads. Never blocks; bounded in flight; a broken link answers
    /// `AMBIGUOUS`. Records of one caller arrive in the order of the calls while the link holds.
    CompletableFuture<SubmitReply> submit(MemberId leader, ByteString record);

    /// Asks the node of the member that leads for a read point ([Orderer#leaderReadPoint]). Never blocks; completes
    /// exceptionally when there is none within `most`.
    default CompletableFuture<ReadPoint> readPoint(MemberId leader, Duration most) {
        return CompletableFuture.failedFuture(Refusal.of(Code.NO_LEADER, "%s is not asked for read points", leader)
                .asException());
    }

    /// Asks the seat's node for its present member and where its engine listens. Blocks for at most a few seconds;
    /// empty if the node does not answer.
    Optional<Seated> locate(String seat);

    /// What the other members know of the channel, from the one that leads if it answers. Blocks for at most a few
    /// seconds; empty if nobody answers.
    Optional<View> view();

    /// How far the wall clocks of the other members are ahead of this node's; those whose node answers. Blocks for at
    /// most a few seconds.
    default List<ClockReading> clocks() {
        return List.of();
    }

    /// Blocks of the channel from any member that has them, oldest first, beginning with `from`. Blocks the caller.
    BlockSource blocks(long from);

    /// @param leader the member that leads, if known
    /// @param members present member of each seat
    /// @param height number of the next block
    record View(Optional<MemberId> leader, List<MemberId> members, long height) {}

    /// @param aheadMillis how far the seat's clock is ahead of this node's, half the round trip accounted for
    record ClockReading(String seat, long aheadMillis) {}

    /// A stream of blocks.
    interface BlockSource extends AutoCloseable {
        /// The next serialized `common.Block`, null when the source has no more or failed.
        @Nullable
        ByteString next();

        @Override
        void close();
    }
}
