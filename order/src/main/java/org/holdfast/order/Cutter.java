package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.env.Invariant;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.Batch;
import org.holdfast.wire.proto.Fragment;
import org.holdfast.wire.proto.Origin;
import org.holdfast.wire.proto.Record;
import org.holdfast.wire.proto.SeatTakeover;
import org.hyperledger.fabric.protos.common.Envelope;

/// Turns the records of the log into blocks. A deterministic function: the same records give the same blocks on every
/// node, after every restart. Knows no clock, no disk and no thread; the channel's loop owns it.
///
/// Block limits are Fabric's (message count, preferred bytes, an oversized message alone). A block ends when a limit is
/// reached, when the leader's stamp says so, or at a time-to-cut record with the next block's number.
final class Cutter {
    /// An incomplete large envelope is given up when this many records have passed since it began: a dead origin must
    /// not keep the log from being purged.
    static final long PARTIAL_SPAN = 4096;

    /// The record version this program reads and writes.
    static final int RECORD_VERSION = 1;

    /// The channel config's share in cutting.
    ///
    /// @param configSequence sequence of the config in force
    /// @param maxMessages envelopes in a block at most
    /// @param preferredBytes bytes in a block at most, unless one envelope alone is larger
    /// @param absoluteBytes bytes of an envelope at most
    record Rules(long configSequence, int maxMessages, long preferredBytes, long absoluteBytes) {}

    /// Says whether a takeover carries the signature of the seat's key.
    interface TakeoverCheck {
        boolean signed(SeatTakeover takeover);
    }

    /// What follows from a record, to be carried out in this order.
    sealed interface Effect {
        /// The next block: its envelopes and its consenter metadata.
        record Cut(List<ByteString> envelopes, ByteString metadata) implements Effect {}

        /// A record's fate, for the gate that wrote it.
        record Settled(Origin origin, Fate fate) implements Effect {}

        /// A seat has a new member; the engine's membership must follow.
        record Seated(int seat, MemberId before, MemberId now) implements Effect {}
    }

    private final Rules rules;
    private final TakeoverCheck takeovers;
    private final Origins origins;
    private final Seats seats;
    private final Partials partials;
    private final List<ByteString> pending = new ArrayList<>();
    private final List<Effect> effects = new ArrayList<>();
    private long pendingBytes;
    private long nextBlock;
    private Position consumed;
    private Optional<Position> current;
    private int taken;
    private long timeMillis;
    private long read;

    /// @param nextBlock number of the next block
    Cutter(Resume resume, long nextBlock, Rules rules, TakeoverCheck takeovers) {
        this.rules = rules;
        this.takeovers = takeovers;
        this.nextBlock = nextBlock;
        this.consumed = resume.consumed();
        this.current = resume.current();
        this.taken = resume.taken();
        this.timeMillis = resume.timeMillis();
        this.seats = new Seats(resume.seats(), resume.nextConsenterId());
        this.origins = new Origins(resume.marks());
        this.partials = new Partials(resume.partials(), rules.absoluteBytes());
        this.read = resume.replayAfter().index();
    }

    /// Reads the next record of the log.
    List<Effect> take(Entry entry) {
        Position position = entry.position();
        Invariant.check(position.index() > read, "record %d read again after %d", position.index(), read);
        read = position.index();
        Record record = decode(entry);
        if (position.index() <= consumed.index()) {
            replayFragment(record);
            return List.of();
        }
        timeMillis = Math.max(timeMillis, entry.timeMillis());
        partials.giveUpBefore(position.index() - PARTIAL_SPAN);
        Fate fate = apply(record, position);
        boolean due = entry.cutAfter();
        switch (record.getBodyCase()) {
            case TIME_TO_CUT -> due = record.getTimeToCut().getBlockNumber() == nextBlock;
            case BATCH, FRAGMENT, TAKEOVER, BODY_NOT_SET -> effects.add(new Effect.Settled(record.getOrigin(), fate));
        }
        consumed = position;
        current = Optional.empty();
        taken = 0;
        if ((due || full()) && !pending.isEmpty()) {
            cut(position);
        }
        List<Effect> result = List.copyOf(effects);
        effects.clear();
        return result;
    }

    /// Envelopes waiting for the next block.
    int pendingCount() {
        return pending.size();
    }

    /// Number of the next block.
    long nextBlock() {
        return nextBlock;
    }

    /// Time of the last record read.
    long timeMillis() {
        return timeMillis;
    }

    /// Sequence of the last record of a member's start that was applied; 0 if none.
    long appliedOf(MemberId member, long epoch) {
        return origins.applied(member.toString(), epoch);
    }

    /// Current member of each seat, in the order of the config's consenters.
    List<MemberId> members() {
        return seats.members();
    }

    /// Fabric's number of the member in a seat; 0 if there is no such seat.
    long consenterId(String seat) {
        return seats.all().stream()
                .filter(held -> held.member().seat().equals(seat))
                .mapToLong(Resume.Seat::consenterId)
                .findFirst()
                .orElse(0);
    }

    private static Record decode(Entry entry) {
        try {
            Record record = Decode.aliasing(Record.parser(), entry.record());
            Invariant.check(
                    record.getVersion() == RECORD_VERSION,
                    "record %d has version %d, this program reads %d: upgrade this node",
                    entry.position().index(),
                    record.getVersion(),
                    RECORD_VERSION);
            return record;
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken(
                    "record %d does not decode: %s", entry.position().index(), Decode.reason(e));
        }
    }

    private Fate apply(Record record, Position position) {
        return switch (record.getBodyCase()) {
            case TIME_TO_CUT, BODY_NOT_SET -> Fate.DROPPED;
            case TAKEOVER -> applyTakeover(record.getTakeover());
            case BATCH, FRAGMENT -> applyInOrder(record, position);
        };
    }

    private Fate applyInOrder(Record record, Position position) {
        Origin origin = record.getOrigin();
        if (!seats.holds(origin.getMember())) {
            return Fate.FOREIGN;
        }
        Fate admitted = origins.judge(origin);
        if (admitted != Fate.APPLIED) {
            return admitted;
        }
        Fate fate =
                record.getConfigSequence() == rules.configSequence() ? applyBody(record, position) : Fate.STALE_CONFIG;
        // A refused record is passed too: the ones behind it must not wait for it.
        origins.advance(origin);
        partials.settle(record);
        return fate;
    }

    private Fate applyBody(Record record, Position position) {
        return switch (record.getBodyCase()) {
            case BATCH -> applyBatch(record.getBatch(), position);
            case FRAGMENT -> applyFragment(record, position);
            case TIME_TO_CUT, TAKEOVER, BODY_NOT_SET -> throw Invariant.broken("not an ordered body");
        };
    }

    private Fate applyBatch(Batch batch, Position position) {
        int from = current.filter(position::equals).isPresent() ? taken : 0;
        for (int i = from; i < batch.getEnvelopeCount(); i++) {
            takeEnvelope(batch.getEnvelope(i), position, i);
        }
        return Fate.APPLIED;
    }

    private Fate applyFragment(Record record, Position position) {
        Fragment fragment = record.getFragment();
        if (!partials.add(record.getOrigin(), fragment, consumed)) {
            return Fate.DROPPED;
        }
        Optional<ByteString> whole = partials.complete(record.getOrigin(), fragment);
        if (whole.isPresent()) {
            takeEnvelope(whole.get(), position, 0);
        }
        return Fate.APPLIED;
    }

    /// Adds an envelope to the pending block, cutting before it where a limit says so. The cut after it, if any, is
    /// made when the next envelope comes or the record is done: only then is it known whether the record ends with
    /// it.
    private void takeEnvelope(ByteString envelope, Position position, int index) {
        int size = sizeOf(envelope);
        boolean alone = size > rules.preferredBytes();
        if (!pending.isEmpty() && (full() || alone || pendingBytes + size > rules.preferredBytes())) {
            current = Optional.of(position);
            taken = index;
            cut(position);
        }
        pending.add(envelope);
        pendingBytes += size;
    }

    private boolean full() {
        return pending.size() >= rules.maxMessages() || pendingBytes > rules.preferredBytes();
    }

    private Fate applyTakeover(SeatTakeover takeover) {
        if (!seats.mayTake(takeover) || !takeovers.signed(takeover)) {
            return Fate.DROPPED;
        }
        MemberId before = MemberId.parse(takeover.getOldMember());
        MemberId now = MemberId.parse(takeover.getNewMember());
        seats.take(takeover.getSeat(), now);
        origins.forget(takeover.getOldMember());
        partials.forget(takeover.getOldMember());
        effects.add(new Effect.Seated(takeover.getSeat(), before, now));
        return Fate.APPLIED;
    }

    /// Records up to `consumed` were read before; only the fragments of envelopes still incomplete are gathered again.
    private void replayFragment(Record record) {
        if (record.getBodyCase() == Record.BodyCase.FRAGMENT) {
            partials.gatherAgain(record.getOrigin(), record.getFragment());
        }
    }

    private void cut(Position position) {
        Resume resume = new Resume(
                consumed,
                current,
                taken,
                timeMillis,
                origins.marks(),
                seats.all(),
                seats.nextConsenterId(),
                partials.all());
        effects.add(new Effect.Cut(List.copyOf(pending), resume.encode(position.index())));
        pending.clear();
        pendingBytes = 0;
        nextBlock++;
    }

    private static int sizeOf(ByteString envelope) {
        try {
            Envelope parts = Decode.aliasing(Envelope.parser(), envelope);
            return parts.getPayload().size() + parts.getSignature().size();
        } catch (InvalidProtocolBufferException e) {
            // Every gate decodes before it proposes, so such bytes come from a faulty member. All nodes size them
            // alike.
            return envelope.size();
        }
    }
}
