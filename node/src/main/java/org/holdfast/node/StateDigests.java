package org.holdfast.node;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.keyspace.Keyspaces;
import org.holdfast.state.BlockDigest;
import org.holdfast.state.ShardState;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.DigestAfterBlock;
import org.holdfast.wire.proto.DigestsAnswer;

/// The digests of this node's shards, as it tells them to members and to its operator. Any thread.
record StateDigests(Keyspaces keyspaces) {
    /// Digests in one answer, at most: 40 bytes each.
    static final int MOST = 2_000;

    /// The digests after each block from one on, as far as they are remembered.
    DigestsAnswer of(ChannelId channel, long from, long most) {
        Optional<ShardState> state = keyspaces.state(channel);
        if (state.isEmpty()) {
            return DigestsAnswer.getDefaultInstance();
        }
        try {
            int max = Math.toIntExact(Math.clamp(most, 1, MOST));
            List<BlockDigest> digests = state.get().digests(Math.max(0, from), max);
            DigestsAnswer.Builder answer = DigestsAnswer.newBuilder()
                    .setKept(state.get().digest().isPresent())
                    .setApplied(state.get().appliedBlock());
            digests.forEach(one -> answer.addDigests(
                    DigestAfterBlock.newBuilder().setBlock(one.block()).setDigest(ByteString.copyFrom(one.digest()))));
            return answer.build();
        } catch (Refusal.Refused closed) { // the shard is closing: as if it were not there
            return DigestsAnswer.getDefaultInstance();
        }
    }

    /// An answer's digests as `state` compares them.
    static List<BlockDigest> read(DigestsAnswer answer) {
        List<BlockDigest> digests = new ArrayList<>();
        answer.getDigestsList()
                .forEach(one -> digests.add(
                        new BlockDigest(one.getBlock(), one.getDigest().toByteArray())));
        return digests;
    }
}
