package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.holdfast.env.World;
import org.holdfast.wire.MemberId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whose messages are taken in.
class PeerGuardTest {
    private static final String SEAT = "b".repeat(16);
    private static final MemberId SELF = new MemberId("a".repeat(16), 1);
    private static final MemberId FIRST = new MemberId(SEAT, 1);
    private static final MemberId SECOND = new MemberId(SEAT, 2);

    private final RaftGroupId one = RaftGroupId.randomId();
    private final RaftGroupId other = RaftGroupId.randomId();
    private PeerGuard guard;

    @BeforeEach
    void guard(@TempDir Path directory) {
        guard = new PeerGuard(SELF, new VoteBarrier(World.real().disk(), directory));
    }

    @Test
    void whoLosesItsSeatInAChannelIsHeardInTheOthers() {
        guard.cut(one, FIRST);
        assertThat(objection(one, FIRST))
                .hasValueSatisfying(text -> assertThat(text).contains("no member any more"));
        assertThat(objection(other, FIRST)).isEmpty();
        guard.admit(one, FIRST);
        assertThat(objection(one, FIRST)).isEmpty();
    }

    @Test
    void anIncarnationBeforeTheMembersIsNotHeard() {
        guard.admit(one, SECOND);
        assertThat(objection(one, FIRST)).isPresent();
        assertThat(objection(one, SECOND)).isEmpty();
        assertThat(objection(one, new MemberId(SEAT, 3))).isEmpty();
        guard.forget(one);
        assertThat(objection(one, FIRST)).isEmpty();
    }

    @Test
    void othersSeatsAndMessagesToOthersAreRefused() {
        assertThat(guard.objection(request(one, FIRST, SECOND), SEAT)).isPresent();
        assertThat(guard.objection(request(one, FIRST, SELF), "c".repeat(16))).isPresent();
    }

    private Optional<String> objection(RaftGroupId group, MemberId from) {
        return guard.objection(request(group, from, SELF), SEAT);
    }

    private static RaftRpcRequestProto request(RaftGroupId group, MemberId from, MemberId to) {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(ByteString.copyFromUtf8(from.toString()))
                .setReplyId(ByteString.copyFromUtf8(to.toString()))
                .setRaftGroupId(RaftGroupIdProto.newBuilder().setId(group.toByteString()))
                .build();
    }
}
