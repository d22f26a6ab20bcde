package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.server.storage.StorageImplUtils;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.SizeInBytes;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Term, vote and members outlive a write that a full disk ended. The files are written and read by Ratis' own storage.
class RatisMetaTest {
    private static final String GROUP = "0300ec6b-a91b-3e8e-a53e-f6cee10e2adf";

    @TempDir
    Path storage;

    private RatisMeta meta;

    @BeforeEach
    void aNewLog() {
        meta = new RatisMeta(World.real().disk(), storage, GROUP);
        meta.begin();
    }

    @Test
    void aWholeFileStays() throws IOException {
        vote(7, "node1:7050.1");
        byte[] before = Files.readAllBytes(file("raft-meta"));
        assertThat(meta.restore(() -> 99)).isFalse();
        assertThat(Files.readAllBytes(file("raft-meta"))).isEqualTo(before);
        assertThat(meta.restore(() -> 99)).isFalse();
    }

    @Test
    void theVoteThatLeftIsBackWhenTheNextOneFoundTheDiskFull() throws IOException {
        vote(7, "node1:7050.1");
        meta.keepVote();
        vote(8, "node2:7050.1");
        for (String torn :
                new String[] {"", "#\n", "#\nterm=8\n", "#\nterm=8\nvotedFor=node2", "#\nvotedFor=\nterm=8"}) {
            Files.writeString(file("raft-meta"), torn);
            assertThatThrownBy(meta::keepVote).isInstanceOf(DiskFault.class).hasMessageContaining("raft-meta");
            assertThat(meta.restore(() -> 7)).as(torn).isTrue();
            assertThat(read()).isEqualTo(RaftStorageMetadata.valueOf(7, RaftPeerId.valueOf("node1:7050.1")));
        }
    }

    @Test
    void whoTookEntriesOfALaterTermDoesNotGoBackBehindIt() throws IOException {
        vote(7, "node1:7050.1");
        meta.keepVote();
        Files.writeString(file("raft-meta"), "");
        assertThat(meta.restore(() -> 9)).isTrue();
        assertThat(read().getTerm()).isEqualTo(9);
        assertThat(read().getVotedFor().toString()).isEmpty();
        Files.writeString(file("raft-meta"), "");
        assertThat(meta.restore(() -> 0)).isTrue();
        assertThat(read().getTerm()).as("what was restored is kept").isEqualTo(9);
    }

    @Test
    void anOlderFileThatAPowerCutBroughtBackIsReplaced() throws IOException {
        vote(6, "node3:7050.1");
        byte[] old = Files.readAllBytes(file("raft-meta"));
        vote(7, "node1:7050.1");
        meta.keepVote();
        Files.write(file("raft-meta"), old);
        assertThat(meta.restore(() -> 6)).isTrue();
        assertThat(read()).isEqualTo(RaftStorageMetadata.valueOf(7, RaftPeerId.valueOf("node1:7050.1")));
    }

    @Test
    void aVoteInTheSameTermCountsMoreThanNone() throws IOException {
        vote(7, "");
        assertThat(meta.restore(() -> 0)).isFalse();
        vote(7, "node1:7050.1");
        assertThat(meta.restore(() -> 0)).isFalse();
        Files.writeString(file("raft-meta"), "");
        assertThat(meta.restore(() -> 0)).isTrue();
        assertThat(read().getVotedFor()).isEqualTo(RaftPeerId.valueOf("node1:7050.1"));
    }

    @Test
    void withoutACopyNothingIsMadeUp() throws IOException {
        vote(7, "node1:7050.1");
        Files.delete(storage.resolve("votes").resolve(GROUP));
        Files.writeString(file("raft-meta"), "");
        assertThatThrownBy(() -> meta.restore(() -> 7))
                .isInstanceOf(DiskFault.class)
                .hasMessageContaining("next incarnation");
        assertThat(file("raft-meta")).isEmptyFile();
    }

    @Test
    void theMembersAreBackWhoseEntryTheLogGaveBack() throws IOException {
        vote(7, "");
        LogEntryProto older = members(40, "node1:7050.1");
        LogEntryProto newer = members(50, "node1:7050.1", "node2:7050.2");
        Files.write(file("raft-meta.conf"), older.toByteArray());
        meta.keepMembers(newer);
        assertThat(meta.restore(() -> 7)).isTrue();
        assertThat(Files.readAllBytes(file("raft-meta.conf"))).isEqualTo(newer.toByteArray());
        Files.write(file("raft-meta.conf"), new byte[0]);
        assertThat(meta.restore(() -> 7)).isTrue();
        assertThat(LogEntryProto.parseFrom(Files.readAllBytes(file("raft-meta.conf"))))
                .isEqualTo(newer);
        LogEntryProto newest = members(60, "node2:7050.2");
        Files.write(file("raft-meta.conf"), newest.toByteArray());
        assertThat(meta.restore(() -> 7)).isFalse();
        assertThat(Files.readAllBytes(file("raft-meta.conf"))).isEqualTo(newest.toByteArray());
    }

    @Test
    void aNewLogKnowsNothingOfTheOneBefore() throws IOException {
        vote(7, "node1:7050.1");
        meta.keepVote();
        meta.keepMembers(members(50, "node1:7050.1"));
        meta.begin();
        Files.writeString(file("raft-meta"), "");
        assertThat(meta.restore(() -> 0)).isTrue();
        assertThat(read().getTerm()).isZero();
        assertThat(file("raft-meta.conf")).doesNotExist();
    }

    private Path file(String name) {
        return storage.resolve("groups").resolve(GROUP).resolve("current").resolve(name);
    }

    private void vote(long term, String member) throws IOException {
        try (RaftStorage ratis = open()) {
            ratis.getMetadataFile().persist(RaftStorageMetadata.valueOf(term, RaftPeerId.valueOf(member)));
        }
    }

    private RaftStorageMetadata read() throws IOException {
        try (RaftStorage ratis = open()) {
            return ratis.getMetadataFile().getMetadata();
        }
    }

    private RaftStorage open() throws IOException {
        RaftProperties properties = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(properties, java.util.List.of(new File(storage.toString(), "groups")));
        RaftServerConfigKeys.setStorageFreeSpaceMin(properties, SizeInBytes.ZERO);
        Files.createDirectories(storage.resolve("groups"));
        return StorageImplUtils.initRaftStorage(GROUP, RaftStorage.StartupOption.RECOVER, properties);
    }

    private static LogEntryProto members(long index, String... ids) {
        RaftConfigurationProto.Builder configuration = RaftConfigurationProto.newBuilder();
        for (String id : ids) {
            configuration.addPeers(RaftPeerProto.newBuilder().setId(ByteString.copyFrom(id, StandardCharsets.UTF_8)));
        }
        return LogEntryProto.newBuilder()
                .setTerm(7)
                .setIndex(index)
                .setConfigurationEntry(configuration)
                .build();
    }
}
