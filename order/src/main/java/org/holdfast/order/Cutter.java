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
import org.holdfast.wire.Refusal;
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
/// reached, when the leader's stamp says so, or at a time-to-cut record with the next block's number. A config ends the
/// block before it, stands alone in the next one, and is in force for the record after it.
final class Cutter {
    /// An incomplete large envelope is given up when this many records have passed since it began: a dead origin must
    /// not keep the log from being purged.
    static final long PARTIAL_SPAN = 4096;

    /// The newest record version this program reads.
    static final int RECORD_VERSION = 2;

    /// The channel config's share in cutting.
    ///
    /// @param configSequence sequence of the config in force
    /// @param maxMessages envelopes in a block at most
    /// @param preferredBytes bytes in a block at most, unless one envelope alone is larger
    /// @param absoluteBytes bytes of an envelope at most
    record Rules(long configSequence, int maxMessages, long preferredBytes, long absoluteBytes) {}

    /// What follows from a record, to be carried out in this order.
    sealed interface Effect {
        /// The next block: its envelopes and its consenter metadata.
        ///
        /// @param next the config that is in force behind this block, if the block carries one
        record Cut(List<ByteString> envelopes, ByteString metadata, Optional<CutterConfig> next) implements Effect {}

        /// A record's fate, for the gate that wrote it.
        ///
        /// @param why a refused config was refused
        record Settled(Origin origin, Fate fate, Optional<Refusal> why) implements Effect {}

        /// A seat has a new member; the engine's membership must follow.
        record Seated(int seat, MemberId before, MemberId now) implements Effect {}
    }

    private CutterConfig inForce;
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
    /// What the record in progress puts in force, or why it does not.
    private Optional<CutterConfig> next = Optional.empty();
    private Optional<Refusal> refused = Optional.empty();

    /// @param nextBlock number of the next block
    /// @param inForce the config behind the block that `resume` was read from
    Cutter(Resume resume, long nextBlock, CutterConfig inForce) {
        this.inForce = inForce;
        this.nextBlock = nextBlock;
        this.consumed = resume.consumed();
        this.current = resume.current();
        this.taken = resume.taken();
        this.timeMillis = resume.timeMillis();
        this.seats = new Seats(resume.seats(), resume.nextConsenterId());
        this.origins = new Origins(resume.marks());
        this.partials = new Partials(resume.partials(), inForce.rules().absoluteBytes());
        this.read = resume.replayAfter().index();
    }

    /// Reads the next record of the log.
    List<Effect> take(Entry entry) {
        Position position = entry.position();
        Invariant.check(position.index() > read, "record %d read again after %d", position.index(), read);
        read = position.index();
        Record record = decode(entry);
        if (position.index() <= consumed.index()) {
            replayFragment(record, position);
            return List.of();
        }
        timeMillis = Math.max(timeMillis, entry.timeMillis());
        partials.giveUpBefore(position.index() - PARTIAL_SPAN);
        Fate fate = apply(record, position);
        boolean due = entry.cutAfter();
        if (record.getBodyCase() == Record.BodyCase.TIME_TO_CUT) {
            due = record.getTimeToCut().getBlockNumber() == nextBlock;
        } else if (next.isEmpty()) {
            effects.add(new Effect.Settled(record.getOrigin(), fate, refused));
        }
        consumed = position;
        current = Optional.empty();
        taken = 0;
        if (next.isPresent()) {
            cut(position, next);
            inForce = next.get();
            partials.limit(inForce.rules().absoluteBytes());
            // After its block: who hears that a config is taken finds it in force.
            effects.add(new Effect.Settled(record.getOrigin(), fate, Optional.empty()));
        } else if ((due || full()) && !pending.isEmpty()) {
            cut(position, Optional.empty());
        }
        next = Optional.empty();
        refused = Optional.empty();
        List<Effect> result = List.copyOf(effects);
        effects.clear();
        return result;
    }

    /// Envelopes waiting for the next block.
    int pendingCount() {
        return pending.size();
    }

    /// The config in force for the next record.
    CutterConfig inForce() {
        return inForce;
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
                    record.getVersion() >= 1 && record.getVersion() <= RECORD_VERSION,
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
            case BATCH, FRAGMENT, CONFIG -> applyInOrder(record, position);
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
        Fate fate = outdated(record) ? Fate.STALE_CONFIG : applyBody(record, position);
        // A refused record is passed too: the ones behind it must not wait for it.
        origins.advance(origin);
        partials.settle(record);
        return fate;
    }

    /// Whether a record was judged by another config than the one in force.
    private boolean outdated(Record record) {
        return record.getConfigSequence() != inForce.rules().configSequence();
    }

    private Fate applyBody(Record record, Position position) {
        return switch (record.getBodyCase()) {
            case BATCH -> applyBatch(record.getBatch(), position);
            case FRAGMENT -> applyFragment(record, position);
            case CONFIG -> applyConfig(record.getConfig().getEnvelope(), position);
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
        if (whole.isPresent() && fragment.getConfig()) {
            return applyConfig(whole.get(), position);
        }
        if (whole.isPresent()) {
            takeEnvelope(whole.get(), position, 0);
        }
        return Fate.APPLIED;
    }

    /// A config that may follow the one in force ends the pending block and stands alone in the next one.
    private Fate applyConfig(ByteString envelope, Position position) {
        long number = nextBlock + (pending.isEmpty() ? 0 : 1);
        try {
            next = Optional.of(inForce.after(envelope, number, timeMillis));
        } catch (Refusal.Refused e) {
            refused = Optional.of(e.refusal());
            return Fate.REFUSED;
        }
        if (!pending.isEmpty()) {
            cutBefore(position, 0);
        }
        pending.add(envelope);
        return Fate.APPLIED;
    }

    /// Adds an envelope to the pending block, cutting before it where a limit says so. The cut after it, if any, is
    /// made when the next envelope comes or the record is done: only then is it known whether the record ends with
    /// it.
    private void takeEnvelope(ByteString envelope, Position position, int index) {
        int size = sizeOf(envelope);
        long preferred = inForce.rules().preferredBytes();
        boolean alone = size > preferred;
        if (!pending.isEmpty() && (full() || alone || pendingBytes + size > preferred)) {
            cutBefore(position, index);
        }
        pending.add(envelope);
        pendingBytes += size;
    }

    private boolean full() {
        Rules rules = inForce.rules();
        return pending.size() >= rules.maxMessages() || pendingBytes > rules.preferredBytes();
    }

    /// Cuts what is pending amid a record, of which so many envelopes were taken.
    private void cutBefore(Position position, int envelopes) {
        current = Optional.of(position);
        taken = envelopes;
        cut(position, Optional.empty());
    }

    private Fate applyTakeover(SeatTakeover takeover) {
        if (!seats.mayTake(takeover) || !inForce.signed(takeover)) {
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
    private void replayFragment(Record record, Position position) {
        if (record.getBodyCase() == Record.BodyCase.FRAGMENT) {
            partials.gatherAgain(record.getOrigin(), record.getFragment(), position.index());
        }
    }

    private void cut(Position position, Optional<CutterConfig> behind) {
        Resume resume = new Resume(
                consumed,
                current,
                taken,
                timeMillis,
                origins.marks(),
                seats.all(),
                seats.nextConsenterId(),
                partials.all());
        effects.add(new Effect.Cut(List.copyOf(pending), resume.encode(position.index()), behind));
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
