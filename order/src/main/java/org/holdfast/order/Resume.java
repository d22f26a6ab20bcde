package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.env.Invariant;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.ConsenterMetadata;
import org.holdfast.wire.proto.OriginMark;
import org.holdfast.wire.proto.PartialEnvelope;
import org.holdfast.wire.proto.Progress;

/// Where a block ends in the log and what the cutter must know to go on from there: the decoded consenter metadata of a
/// block. The same bytes on every node.
///
/// @param consumed the last record wholly contained in the blocks so far
/// @param current the record in progress, of which `taken` envelopes are in the blocks so far
/// @param timeMillis time of the last record
/// @param marks how far each member's records were applied
/// @param seats current member and Fabric consenter id of each seat
/// @param nextConsenterId the id the next new member gets
/// @param partials envelopes of which only some fragments were read
record Resume(
        Position consumed,
        Optional<Position> current,
        int taken,
        long timeMillis,
        List<OriginMark> marks,
        List<Seat> seats,
        long nextConsenterId,
        List<PartialEnvelope> partials) {
    private static final int VERSION = 1;

    /// One consenter's place.
    ///
    /// @param consenterId Fabric's number for the member, never reused in a channel
    record Seat(MemberId member, long consenterId) {}

    Resume {
        marks = List.copyOf(marks);
        seats = List.copyOf(seats);
        partials = List.copyOf(partials);
    }

    /// The beginning of a channel: first incarnation in every seat, ids 1..n.
    static Resume beginning(List<String> seatNames) {
        List<Seat> seats = new ArrayList<>();
        for (String name : seatNames) {
            seats.add(new Seat(new MemberId(name, 1), seats.size() + 1L));
        }
        return new Resume(Position.NONE, Optional.empty(), 0, 0, List.of(), seats, seats.size() + 1L, List.of());
    }

    /// Reads a block's consenter metadata; empty metadata (block 0) is the beginning.
    static Resume of(ByteString metadata, List<String> seatNames) {
        if (metadata.isEmpty()) {
            return beginning(seatNames);
        }
        try {
            return of(Decode.aliasing(ConsenterMetadata.parser(), metadata));
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("the consenter metadata of a stored block does not decode: %s", Decode.reason(e));
        }
    }

    private static Resume of(ConsenterMetadata metadata) {
        Progress progress = metadata.getProgress();
        Invariant.check(
                progress.getVersion() == VERSION,
                "progress version %d, this program knows %d",
                progress.getVersion(),
                VERSION);
        Invariant.check(
                progress.getMembersCount() == metadata.getConsenterIdsCount(),
                "%d members for %d consenter ids",
                progress.getMembersCount(),
                metadata.getConsenterIdsCount());
        List<Seat> seats = new ArrayList<>();
        for (int i = 0; i < progress.getMembersCount(); i++) {
            seats.add(new Seat(member(progress.getMembers(i)), metadata.getConsenterIds(i)));
        }
        return new Resume(
                position(progress.getConsumed()),
                progress.hasCurrent() ? Optional.of(position(progress.getCurrent())) : Optional.empty(),
                progress.getTaken(),
                progress.getTimeMillis(),
                progress.getOriginsList(),
                seats,
                metadata.getNextConsenterId(),
                progress.getPartialsList());
    }

    private static MemberId member(String text) {
        try {
            return MemberId.parse(text);
        } catch (IllegalArgumentException e) {
            throw Invariant.broken("a block names the seat's member '%s': %s", text, Decode.reason(e));
        }
    }

    /// The metadata bytes for a block that was cut while reading the record at `index`.
    ByteString encode(long index) {
        Progress.Builder progress = Progress.newBuilder()
                .setVersion(VERSION)
                .setConsumed(position(consumed))
                .setTaken(taken)
                .setTimeMillis(timeMillis)
                .addAllOrigins(marks)
                .addAllPartials(partials);
        current.ifPresent(position -> progress.setCurrent(position(position)));
        ConsenterMetadata.Builder metadata = ConsenterMetadata.newBuilder()
                .setNextConsenterId(nextConsenterId)
                .setRaftIndex(index);
        for (Seat seat : seats) {
            metadata.addConsenterIds(seat.consenterId());
            progress.addMembers(seat.member().toString());
        }
        return metadata.setProgress(progress).build().toByteString();
    }

    /// Reading must begin after this record: nothing that is still needed stands at or before it.
    Position replayAfter() {
        Position earliest = consumed;
        for (PartialEnvelope partial : partials) {
            Position before = position(partial.getBefore());
            if (before.index() < earliest.index()) {
                earliest = before;
            }
        }
        return earliest;
    }

    static Position position(org.holdfast.wire.proto.Position wire) {
        return new Position(wire.getTerm(), wire.getIndex());
    }

    static org.holdfast.wire.proto.Position position(Position position) {
        return org.holdfast.wire.proto.Position.newBuilder()
                .setTerm(position.term())
                .setIndex(position.index())
                .build();
    }
}
