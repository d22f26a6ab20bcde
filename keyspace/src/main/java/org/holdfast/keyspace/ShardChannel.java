package org.holdfast.keyspace;

import java.util.concurrent.CompletableFuture;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.ledger.Feed;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.MemberId;

/// What a shard needs of its channel on this node. Any thread may call it.
public interface ShardChannel {
    ChannelId id();

    /// This node in the channel.
    MemberId member();

    /// Has an envelope ordered; those of one thread are ordered as they were offered, or not at all. Completes when it
    /// is ordered, or with a [org.holdfast.wire.Refusal.Refused]: of [org.holdfast.wire.Code#OUTCOME_UNKNOWN] when it
    /// may yet be.
    CompletableFuture<Void> offer(EnvelopeView envelope);

    /// How far somebody has to have read to see all that was acknowledged before the call. Completes exceptionally with
    /// a [org.holdfast.wire.Refusal.Refused] when nobody can say.
    CompletableFuture<ReadPoint> readPoint();

    Feed feed();

    /// In force now.
    ChannelConfig config();

    /// What the other members have of this shard.
    default StatePeers peers() {
        return StatePeers.NONE;
    }

    /// @param height number of blocks to have been applied
    /// @param timeMillis what time it is, by the leader: milliseconds since the Unix epoch
    record ReadPoint(long height, long timeMillis) {}
}
