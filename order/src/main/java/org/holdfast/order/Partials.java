package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.proto.Fragment;
import org.holdfast.wire.proto.Origin;
import org.holdfast.wire.proto.PartialEnvelope;
import org.holdfast.wire.proto.Record;

/// Large envelopes on their way, at most one a member: a member's records are applied in order, so its fragments come
/// one after the other.
final class Partials {
    private static final class Partial {
        private final PartialEnvelope mark;
        private final List<ByteString> parts = new ArrayList<>();
        private long bytes;

        private Partial(PartialEnvelope mark) {
            this.mark = mark;
        }

        private boolean belongs(Origin origin, Fragment fragment) {
            return mark.getEpoch() == origin.getEpoch()
                    && mark.getFirstSequence() == fragment.getFirstSequence()
                    && fragment.getPart() == parts.size()
                    && origin.getSequence() == fragment.getFirstSequence() + fragment.getPart();
        }

        private void add(ByteString part) {
            parts.add(part);
            bytes += part.size();
        }
    }

    private final TreeMap<String, Partial> byMember = new TreeMap<>();
    private long bytesMax;

    /// @param bytesMax size of an envelope at most
    Partials(List<PartialEnvelope> marks, long bytesMax) {
        this.bytesMax = bytesMax;
        for (PartialEnvelope mark : marks) {
            byMember.put(mark.getMember(), new Partial(mark));
        }
    }

    /// Another config has another limit.
    void limit(long now) {
        bytesMax = now;
    }

    /// Adds the next fragment of an origin.
    ///
    /// @param before the last record before it
    /// @return false when its earlier parts are missing or it breaks the limits
    boolean add(Origin origin, Fragment fragment, Position before) {
        if (fragment.getPart() < 0 || fragment.getPart() >= fragment.getParts()) {
            return false;
        }
        if (fragment.getPart() == 0) {
            PartialEnvelope mark = PartialEnvelope.newBuilder()
                    .setMember(origin.getMember())
                    .setEpoch(origin.getEpoch())
                    .setFirstSequence(fragment.getFirstSequence())
                    .setBefore(Resume.position(before))
                    .build();
            byMember.put(origin.getMember(), new Partial(mark));
        }
        Partial partial = byMember.get(origin.getMember());
        if (partial == null || !partial.belongs(origin, fragment)) {
            return false;
        }
        // Payload and signature are limited to bytesMax; the envelope's framing around them adds a few bytes.
        if (partial.bytes + fragment.getBytes().size() > bytesMax + 64) {
            return false;
        }
        partial.add(fragment.getBytes());
        return true;
    }

    /// The whole envelope, once its last fragment was added.
    Optional<ByteString> complete(Origin origin, Fragment fragment) {
        Partial partial = byMember.get(origin.getMember());
        if (partial == null || partial.parts.size() < fragment.getParts()) {
            return Optional.empty();
        }
        return Optional.of(ByteString.copyFrom(partial.parts));
    }

    /// After a record was applied: an envelope that is complete, or that was not continued, is no longer kept.
    void settle(Record record) {
        String member = record.getOrigin().getMember();
        Partial partial = byMember.get(member);
        if (partial == null) {
            return;
        }
        boolean continued = record.getBodyCase() == Record.BodyCase.FRAGMENT
                && partial.mark.getFirstSequence() == record.getFragment().getFirstSequence()
                && partial.parts.size() == record.getFragment().getPart() + 1
                && partial.parts.size() < record.getFragment().getParts();
        if (!continued) {
            byMember.remove(member);
        }
    }

    /// Takes in a fragment that was read before this start.
    ///
    /// The log may be read again from far before an envelope's first part, because of another member's. Copies of its
    /// parts that stand there came too early and were not applied; what stands behind its beginning and fits, was.
    ///
    /// @param index of the fragment's record
    void gatherAgain(Origin origin, Fragment fragment, long index) {
        Partial partial = byMember.get(origin.getMember());
        boolean counted = partial != null && index > partial.mark.getBefore().getIndex();
        if (partial != null && counted && partial.belongs(origin, fragment)) {
            partial.add(fragment.getBytes());
        }
    }

    /// Gives up what began at or before a log index.
    void giveUpBefore(long index) {
        byMember.values().removeIf(partial -> partial.mark.getBefore().getIndex() < index);
    }

    void forget(String member) {
        byMember.remove(member);
    }

    /// Sorted by member.
    List<PartialEnvelope> all() {
        return byMember.values().stream().map(partial -> partial.mark).toList();
    }
}
