package org.holdfast.lab.sim;

import com.google.protobuf.InvalidProtocolBufferException;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.proto.Batch;
import org.holdfast.wire.proto.Record;
import org.jspecify.annotations.Nullable;

/// Carries a [Plant] out. With none, everything passes as it is.
final class Planted {
    /// The member that has the bug.
    static final int WHERE = 1;
    private static final int EVERY = 7;
    private static final int TOO_FAR = 3;

    private final Plant plant;

    Planted(Plant plant) {
        this.plant = plant;
    }

    /// What a member is given for a record; null when nothing.
    @Nullable
    Entry given(int node, Entry entry) {
        boolean here = node == WHERE && entry.position().index() % EVERY == 0;
        return switch (plant) {
            case RECORD_SKIPPED -> here ? null : entry;
            case RECORD_CHANGED -> here ? shortened(entry) : entry;
            case LOCAL_TIME ->
                here ? new Entry(entry.position(), entry.timeMillis() + 7, entry.cutAfter(), entry.record()) : entry;
            case LOCAL_CUT -> here ? new Entry(entry.position(), entry.timeMillis(), true, entry.record()) : entry;
            case NONE, DISK_LIES, RESUME_TOO_LATE, PURGE_TOO_FAR -> entry;
        };
    }

    /// Where a member's log begins.
    Position resumes(int node, Position asked) {
        return plant == Plant.RESUME_TOO_LATE && node == WHERE && asked.index() > 0
                ? new Position(asked.term(), asked.index() + 1)
                : asked;
    }

    /// Up to where a log forgets.
    long forgets(long told) {
        return plant == Plant.PURGE_TOO_FAR ? told + TOO_FAR : told;
    }

    boolean lies(int node) {
        return plant == Plant.DISK_LIES && node == WHERE;
    }

    private static Entry shortened(Entry entry) {
        try {
            Record record = Record.parseFrom(entry.record());
            int count = record.getBatch().getEnvelopeCount();
            if (count == 0) {
                return entry;
            }
            Batch less = record.getBatch().toBuilder()
                    .clearEnvelope()
                    .addAllEnvelope(record.getBatch().getEnvelopeList().subList(0, count - 1))
                    .build();
            return new Entry(
                    entry.position(),
                    entry.timeMillis(),
                    entry.cutAfter(),
                    record.toBuilder().setBatch(less).build().toByteString());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }
}
