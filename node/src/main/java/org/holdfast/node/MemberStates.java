package org.holdfast.node;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.holdfast.channel.Consenter;
import org.holdfast.keyspace.StatePeers;
import org.holdfast.state.BlockDigest;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.PartStream;
import org.holdfast.wire.proto.DigestsAnswer;

/// The other members' states of a channel's shard, reached over links.
///
/// @param peers the members by the config in force
record MemberStates(Supplier<ChannelPeers> peers) implements StatePeers {
    /// For a whole checkpoint; what sends it has the same patience.
    private static final Duration MOST = Duration.ofHours(1);

    /// For its next part: longer than a sender needs to make one.
    private static final Duration SILENCE = Duration.ofSeconds(30);

    @Override
    public List<String> names() {
        ChannelPeers now = peers.get();
        return now.others().stream().map(other -> name(now, other)).toList();
    }

    @Override
    public Optional<Told> told(String member, long block) {
        ChannelPeers now = peers.get();
        return find(now, member).flatMap(other -> now.digests(other, block, 1)).flatMap(MemberStates::told);
    }

    private static Optional<Told> told(DigestsAnswer answer) {
        // A member without a state of the shard says nothing at all, which reads as block 0.
        boolean nothing = !answer.getKept() && answer.getApplied() <= 0;
        Optional<BlockDigest> digest = StateDigests.read(answer).stream().findFirst();
        return nothing ? Optional.empty() : Optional.of(new Told(answer.getApplied(), digest));
    }

    @Override
    public Parts checkpoint(String member, long applied) throws IOException {
        ChannelPeers now = peers.get();
        Consenter other = find(now, member).orElseThrow(() -> new IOException(member + " is no member any more"));
        try {
            return new Flow(now.checkpoint(other, applied, MOST, SILENCE));
        } catch (LinkBroken e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static Optional<Consenter> find(ChannelPeers peers, String member) {
        return peers.others().stream()
                .filter(other -> name(peers, other).equals(member))
                .findFirst();
    }

    /// A member is asked by its name, and none may stand for two: where a name is not its alone, its seat is added.
    private static String name(ChannelPeers peers, Consenter member) {
        String name = NodeReport.nameOf(member);
        boolean alone = peers.others().stream()
                        .filter(other -> NodeReport.nameOf(other).equals(name))
                        .count()
                == 1;
        return alone ? name : name + "@" + member.seat();
    }

    private record Flow(PartStream stream) implements Parts {
        @Override
        public Optional<ByteString> next() throws IOException {
            try {
                return stream.next();
            } catch (LinkBroken e) {
                throw new IOException(e.getMessage(), e);
            }
        }

        @Override
        public void close() {
            stream.close();
        }
    }
}
