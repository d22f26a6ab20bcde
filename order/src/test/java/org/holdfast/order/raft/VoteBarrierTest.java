package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.util.ProtoUtils;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VoteBarrierTest {
    private static final int ELECTIONS = 40;
    private static final int PEERS = 4;

    @TempDir
    Path storage;

    /// A candidate asks its peers at once. Where one of these requests failed, that peer's vote was missing: with three
    /// members and the leader dead, every second election was lost.
    @Test
    void aCandidateMayAskAllItsPeersAtOnce() {
        Disk disk = World.real().disk();
        UUID group = UUID.randomUUID();
        Path current = storage.resolve("groups").resolve(group.toString()).resolve("current");
        disk.createDirectories(current);
        disk.createDirectories(storage.resolve("votes"));
        VoteBarrier barrier = new VoteBarrier(disk, storage);
        RaftRpcRequestProto request = RaftRpcRequestProto.newBuilder()
                .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(RaftGroupId.valueOf(group)))
                .build();

        for (int term = 1; term <= ELECTIONS; term++) {
            disk.replace(
                    current.resolve("raft-meta"),
                    "term=%d\nvotedFor=itself\n".formatted(term).getBytes(StandardCharsets.UTF_8));
            List<CompletableFuture<Void>> asked = new ArrayList<>();
            for (int peer = 0; peer < PEERS; peer++) {
                asked.add(CompletableFuture.runAsync(
                        () -> barrier.sync(request), task -> Thread.ofPlatform().start(task)));
            }
            assertThatCode(() -> asked.forEach(CompletableFuture::join))
                    .as("election %d", term)
                    .doesNotThrowAnyException();
        }
    }
}
