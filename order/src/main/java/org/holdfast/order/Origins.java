package org.holdfast.order;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.holdfast.wire.proto.Origin;
import org.holdfast.wire.proto.OriginMark;

/// How far each member's records were applied. A record counts if it is the very next one of its origin, so a record
/// that was submitted twice counts once, and a gate's envelopes keep their order through every retry.
final class Origins {
    private final TreeMap<String, OriginMark> marks = new TreeMap<>();

    Origins(List<OriginMark> marks) {
        for (OriginMark mark : marks) {
            this.marks.put(mark.getMember(), mark);
        }
    }

    /// APPLIED if the record is next, else why it is not.
    Fate judge(Origin origin) {
        OriginMark mark = marks.get(origin.getMember());
        if (mark == null || origin.getEpoch() > mark.getEpoch()) {
            return origin.getSequence() == 1 ? Fate.APPLIED : Fate.GAP;
        }
        if (origin.getEpoch() < mark.getEpoch()) {
            return Fate.STALE_EPOCH;
        }
        long next = mark.getApplied() + 1;
        if (origin.getSequence() == next) {
            return Fate.APPLIED;
        }
        return origin.getSequence() < next ? Fate.DUPLICATE : Fate.GAP;
    }

    /// Notes a record that was judged APPLIED.
    void advance(Origin origin) {
        marks.put(
                origin.getMember(),
                OriginMark.newBuilder()
                        .setMember(origin.getMember())
                        .setEpoch(origin.getEpoch())
                        .setApplied(origin.getSequence())
                        .build());
    }

    long applied(String member, long epoch) {
        OriginMark mark = marks.get(member);
        return mark == null || mark.getEpoch() != epoch ? 0 : mark.getApplied();
    }

    void forget(String member) {
        marks.remove(member);
    }

    /// Sorted by member.
    List<OriginMark> marks() {
        return new ArrayList<>(marks.values());
    }
}
