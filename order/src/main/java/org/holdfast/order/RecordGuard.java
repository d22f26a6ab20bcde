package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Optional;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.Record;

/// What the leader's node asks of a record that another member sent, before it enters the log. The log is for ever
/// and read by everybody, so what no cutter could read stays out.
///
/// @param members present member of each seat
/// @param settled whether no change of members is under way
record RecordGuard(ChannelId channel, List<MemberId> members, boolean settled) {
    /// @param from the member whose node sent it, by its certificate
    /// @return empty when the record may be appended
    Optional<Refusal> refuse(MemberId from, ByteString bytes) {
        try {
            Record record = Decode.aliasing(Record.parser(), bytes);
            if (record.getVersion() < 1 || record.getVersion() > Cutter.RECORD_VERSION) {
                // In the log it would halt the channel on every node that does not know the version.
                return Optional.of(Refusal.of(
                        Code.MALFORMED_ENVELOPE,
                        "the record has version %d, the leader's node takes 1 to %d: upgrade that node first",
                        record.getVersion(),
                        Cutter.RECORD_VERSION));
            }
            return switch (record.getBodyCase()) {
                case BATCH, FRAGMENT, CONFIG -> origin(from, record.getOrigin().getMember());
                case TAKEOVER -> takeover(from, record.getTakeover().getNewMember());
                case TIME_TO_CUT, BODY_NOT_SET ->
                    Optional.of(Refusal.of(Code.NOT_A_MEMBER, "only the leader writes such a record"));
            };
        } catch (InvalidProtocolBufferException e) {
            return Optional.of(Refusal.of(Code.MALFORMED_ENVELOPE, "the record does not decode: %s", Decode.reason(e)));
        }
    }

    private Optional<Refusal> origin(MemberId from, String origin) {
        if (!origin.equals(from.toString()) || !members.contains(from)) {
            return Optional.of(Refusal.of(Code.MEMBER_SUPERSEDED, "%s holds no seat of channel %s", from, channel));
        }
        return Optional.empty();
    }

    private Optional<Refusal> takeover(MemberId from, String next) {
        if (!next.equals(from.toString())) {
            return Optional.of(Refusal.of(Code.TAKEOVER_INVALID, "%s asks for the seat of %s", from, next));
        }
        if (!settled) {
            return Optional.of(Refusal.of(
                    Code.MEMBERSHIP_CHANGING, "another change of members is under way: ask again in a moment"));
        }
        return Optional.empty();
    }
}
