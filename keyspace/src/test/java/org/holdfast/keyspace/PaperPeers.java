package org.holdfast.keyspace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.UnaryOperator;
import org.holdfast.state.BlockDigest;
import org.holdfast.state.ShardState;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.proto.CheckpointPart;

/// Other nodes' keyspaces as members of a channel, without a network between; each may be made to send something else.
final class PaperPeers implements StatePeers {
    private final ChannelId channel;
    private final Map<String, Keyspaces> members = new ConcurrentSkipListMap<>();
    private final Map<String, UnaryOperator<CheckpointPart>> forgers = new ConcurrentSkipListMap<>();
    final List<String> asked = new ArrayList<>();

    PaperPeers(ChannelId channel) {
        this.channel = channel;
    }

    PaperPeers with(String name, Keyspaces keyspaces) {
        members.put(name, keyspaces);
        return this;
    }

    /// Has a member's parts changed on their way.
    void forge(String name, UnaryOperator<CheckpointPart> forger) {
        forgers.put(name, forger);
    }

    @Override
    public List<String> names() {
        return List.copyOf(members.keySet());
    }

    @Override
    public Optional<Told> told(String member, long block) {
        Optional<ShardState> state = Optional.ofNullable(members.get(member)).flatMap(one -> one.state(channel));
        return state.map(open ->
                new Told(open.appliedBlock(), open.digest(block).map(digest -> new BlockDigest(block, digest))));
    }

    @Override
    public Parts checkpoint(String member, long applied) throws IOException {
        Keyspaces keyspaces = members.get(member);
        if (keyspaces == null) {
            throw new IOException("no such member");
        }
        synchronized (asked) {
            asked.add(member);
        }
        List<ByteString> parts = new ArrayList<>();
        keyspaces.checkpoint(channel, applied, part -> {
            UnaryOperator<CheckpointPart> forger = forgers.getOrDefault(member, same -> same);
            try {
                parts.add(forger.apply(CheckpointPart.parseFrom(part)).toByteString());
            } catch (InvalidProtocolBufferException e) {
                throw new IOException(e);
            }
        });
        return of(parts);
    }

    static Parts of(List<ByteString> parts) {
        Iterator<ByteString> left = parts.iterator();
        return new Parts() {
            @Override
            public Optional<ByteString> next() {
                return left.hasNext() ? Optional.of(left.next()) : Optional.empty();
            }

            @Override
            public void close() {}
        };
    }
}
