package org.holdfast.order;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.order.Resume.Seat;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.SeatTakeover;

/// Who sits where: the current member of each of the config's consenters.
final class Seats {
    private final List<Seat> seats;
    private long nextConsenterId;

    Seats(List<Seat> seats, long nextConsenterId) {
        this.seats = new ArrayList<>(seats);
        this.nextConsenterId = nextConsenterId;
    }

    boolean holds(String member) {
        for (Seat seat : seats) {
            if (seat.member().toString().equals(member)) {
                return true;
            }
        }
        return false;
    }

    /// Whether the takeover names the seat's present member and a later incarnation of the same seat.
    boolean mayTake(SeatTakeover takeover) {
        int index = takeover.getSeat();
        if (index < 0 || index >= seats.size()) {
            return false;
        }
        MemberId present = seats.get(index).member();
        if (!present.toString().equals(takeover.getOldMember())) {
            return false;
        }
        String next = takeover.getNewMember();
        int dot = next.indexOf('.');
        if (dot < 0 || !next.substring(0, dot).equals(present.seat())) {
            return false;
        }
        try {
            return MemberId.parse(next).incarnation() > present.incarnation();
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    void take(int index, MemberId member) {
        seats.set(index, new Seat(member, nextConsenterId++));
    }

    List<MemberId> members() {
        return seats.stream().map(Seat::member).toList();
    }

    List<Seat> all() {
        return List.copyOf(seats);
    }

    long nextConsenterId() {
        return nextConsenterId;
    }
}
