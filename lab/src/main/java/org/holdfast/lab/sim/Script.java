package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.wire.Decode;
import org.holdfast.wire.proto.Fragment;
import org.holdfast.wire.proto.Origin;
import org.holdfast.wire.proto.Record;
import org.jspecify.annotations.Nullable;

/// What the committed records say, read by a second, simpler hand than the cutter's: the envelopes that must stand in
/// the chain, in their order, each with the record it comes from. Knows nothing of blocks.
final class Script {
    private final List<Line> lines = new ArrayList<>();
    private final Map<ByteString, Line> byBytes = new HashMap<>();
    private final Map<String, Mark> marks = new HashMap<>();
    private final Map<String, Part> parts = new HashMap<>();
    private long configSequence;

    /// An envelope's place.
    ///
    /// @param offered what the client sent; another envelope only where that led to a config
    /// @param number from 0, over all envelopes
    /// @param index of the record that completes it
    /// @param ordinal its place among the record's envelopes
    record Line(ByteString envelope, ByteString offered, int number, long index, int ordinal) {}

    private record Mark(long epoch, long applied) {}

    private record Part(long epoch, long first, List<ByteString> bytes) {}

    List<Line> lines() {
        return lines;
    }

    /// @param offered as a client sent it
    @Nullable
    Line lineOf(ByteString offered) {
        return byBytes.get(offered);
    }

    /// The next committed record.
    ///
    /// @return envelopes that come with it
    List<Line> read(Entry entry) {
        try {
            Record record = Decode.aliasing(Record.parser(), entry.record());
            return switch (record.getBodyCase()) {
                case BATCH, FRAGMENT, CONFIG -> isNext(record.getOrigin()) ? apply(record, entry) : List.of();
                case TIME_TO_CUT, TAKEOVER, BODY_NOT_SET -> List.of();
            };
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean isNext(Origin origin) {
        Mark mark = marks.get(origin.getMember());
        boolean next;
        if (mark == null || origin.getEpoch() > mark.epoch) {
            next = origin.getSequence() == 1;
        } else {
            next = origin.getEpoch() == mark.epoch && origin.getSequence() == mark.applied + 1;
        }
        if (next) {
            marks.put(origin.getMember(), new Mark(origin.getEpoch(), origin.getSequence()));
        }
        return next;
    }

    private List<Line> apply(Record record, Entry entry) {
        String member = record.getOrigin().getMember();
        if (record.getConfigSequence() != configSequence) {
            parts.remove(member);
            return List.of(); // judged by a config that is not in force: its gate has it judged again
        }
        if (record.getBodyCase() == Record.BodyCase.BATCH) {
            parts.remove(member);
            return add(record.getBatch().getEnvelopeList(), entry.position().index());
        }
        if (record.getBodyCase() == Record.BodyCase.CONFIG) {
            parts.remove(member);
            configSequence++; // it was made from the config in force, so it follows it
            return add(
                    List.of(record.getConfig().getEnvelope()), entry.position().index());
        }
        Fragment fragment = record.getFragment();
        Part part = parts.get(member);
        if (fragment.getPart() == 0) {
            part = new Part(record.getOrigin().getEpoch(), fragment.getFirstSequence(), new ArrayList<>());
            parts.put(member, part);
        }
        boolean follows = part != null
                && part.epoch == record.getOrigin().getEpoch()
                && part.first == fragment.getFirstSequence()
                && part.bytes.size() == fragment.getPart();
        if (part == null || !follows) {
            parts.remove(member);
            return List.of();
        }
        part.bytes.add(fragment.getBytes());
        if (part.bytes.size() < fragment.getParts()) {
            return List.of();
        }
        parts.remove(member);
        return add(List.of(ByteString.copyFrom(part.bytes)), entry.position().index());
    }

    private ByteString offered(ByteString envelope) {
        return configSequence == 0 ? envelope : Configs.offered(envelope);
    }

    private List<Line> add(List<ByteString> envelopes, long index) {
        List<Line> added = new ArrayList<>();
        for (int i = 0; i < envelopes.size(); i++) {
            ByteString envelope = envelopes.get(i);
            Line line = new Line(envelope, offered(envelope), lines.size(), index, i);
            lines.add(line);
            Line before = byBytes.put(line.offered, line);
            if (before != null) {
                throw Violation.of(
                        OnlyOffered.class,
                        "%s is applied twice: from record %d and from record %d",
                        Charter.names(List.of(line.envelope)),
                        before.index,
                        line.index);
            }
            added.add(line);
        }
        return added;
    }
}
