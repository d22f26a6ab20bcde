package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.List;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.Record;
import org.holdfast.wire.proto.SeatTakeover;
import org.junit.jupiter.api.Test;

class RecordGuardTest {
    private static final MemberId SEATED = new MemberId("00000000000000aa", 2);
    private static final MemberId FORMER = new MemberId("00000000000000aa", 1);
    private static final MemberId OTHER = new MemberId("00000000000000bb", 1);
    private static final RecordGuard GUARD = new RecordGuard(new ChannelId("ch"), List.of(SEATED, OTHER), true);

    @Test
    void aMembersOwnRecordPasses() {
        assertThat(GUARD.refuse(SEATED, batch(SEATED))).isEmpty();
    }

    @Test
    void aRecordOfSomebodyElseOrOfAFormerMemberDoesNot() {
        assertThat(refusal(GUARD, SEATED, batch(OTHER))).isEqualTo(Code.MEMBER_SUPERSEDED);
        assertThat(refusal(GUARD, FORMER, batch(FORMER))).isEqualTo(Code.MEMBER_SUPERSEDED);
    }

    @Test
    void whatSomeCutterCouldNotReadStaysOutOfTheLog() {
        ByteString newer =
                Parts.parse(batch(SEATED)).toBuilder().setVersion(3).build().toByteString();
        assertThat(refusal(GUARD, SEATED, newer)).isEqualTo(Code.MALFORMED_ENVELOPE);
        assertThat(refusal(GUARD, SEATED, ByteString.copyFromUtf8("no record"))).isEqualTo(Code.MALFORMED_ENVELOPE);
        ByteString empty = Record.newBuilder().setVersion(1).build().toByteString();
        assertThat(refusal(GUARD, SEATED, empty)).isEqualTo(Code.NOT_A_MEMBER);
        assertThat(refusal(GUARD, SEATED, Records.timeToCut(4))).isEqualTo(Code.NOT_A_MEMBER);
    }

    @Test
    void aTakeoverPassesForItsNewMemberWhenNoOtherIsUnderWay() {
        ByteString takeover = Records.takeover(
                SeatTakeover.newBuilder().setNewMember(SEATED.toString()).build());
        assertThat(GUARD.refuse(SEATED, takeover)).isEmpty();
        assertThat(refusal(GUARD, OTHER, takeover)).isEqualTo(Code.TAKEOVER_INVALID);
        RecordGuard changing = new RecordGuard(new ChannelId("ch"), List.of(SEATED), false);
        assertThat(refusal(changing, SEATED, takeover)).isEqualTo(Code.MEMBERSHIP_CHANGING);
    }

    private static ByteString batch(MemberId origin) {
        return new Records(origin, 1).batch(1, 0, List.of());
    }

    private static Code refusal(RecordGuard guard, MemberId from, ByteString record) {
        return guard.refuse(from, record).orElseThrow().code();
    }
}
