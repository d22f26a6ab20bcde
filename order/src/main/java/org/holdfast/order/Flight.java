package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.List;

/// One record of this gate between its first submission and its fate. Owned by the channel's loop.
final class Flight {
    final long sequence;
    final List<Offer> offers;
    /// Sequence of the first flight of the same large envelope; its own when it is not a fragment.
    final long group;

    /// Sequence of the config that its envelopes were judged by.
    final long configSequence;
    /// It carries a config, or a part of one.
    final boolean config;

    private ByteString record;
    private boolean voided;
    /// The sending round whose answer counts; answers of earlier rounds are too late to tell anything.
    int round = -1;
    long sentNanos;
    /// The engine said it is committed; its fate is on the way.
    boolean committed;
    /// The loop took no more tasks when the answer came: a tick sends again. Set by the thread that answered.
    volatile boolean answerLost;
    /// Its envelopes were told that their fate is unknown.
    boolean answered;

    /// What a flight carries.
    record Content(ByteString record, long configSequence, boolean config) {}

    Flight(long sequence, long group, Content content, List<Offer> offers) {
        this.sequence = sequence;
        this.group = group;
        this.record = content.record;
        this.configSequence = content.configSequence;
        this.config = content.config;
        this.offers = offers;
    }

    /// What was sent so far counts for nothing: it goes out again, and only that answer counts.
    void unsent() {
        committed = false;
        round = -1;
    }

    ByteString record() {
        return record;
    }

    boolean fragment() {
        return group != sequence || offers.isEmpty();
    }

    boolean voided() {
        return voided;
    }

    /// From now on an empty record goes out under this sequence: nobody waits for the content any more, but the records
    /// behind it need the place filled.
    void makeVoid(ByteString empty) {
        record = empty;
        voided = true;
        committed = false;
    }
}
