package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import org.holdfast.env.Invariant;
import org.holdfast.order.Cutter.Effect;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;

/// Records that members send, and the resume state that blocks carry.
class RecordFuzzTest {
    private static final List<String> SEATS = RecordStream.SEATS;
    private static final MemberId SENDER = new MemberId(SEATS.getFirst(), 1);
    private static final List<MemberId> MEMBERS =
            SEATS.stream().map(seat -> new MemberId(seat, 1)).toList();
    private static final RecordGuard GUARD = new RecordGuard(new ChannelId("ch"), MEMBERS, true);
    private static final PlainConfig RULES = PlainConfig.of(RecordStream.CONFIG_SEQUENCE, 3, 200, 400);

    /// What the guard lets into the log no cutter chokes on: it is there for ever, on every node. Two cutters do the
    /// same with it, and a cutter that goes on from the block they cut agrees.
    @FuzzTest
    void record(byte[] input) {
        ByteString bytes = ByteString.copyFrom(input);
        Optional<Refusal> refusal = GUARD.refuse(SENDER, bytes);
        assertThat(GUARD.refuse(SENDER, bytes)).isEqualTo(refusal);
        if (refusal.isPresent()) {
            assertThat(refusal.get().text()).isNotBlank();
            return;
        }
        Cutter one = cutter();
        Cutter other = cutter();
        Entry first = new Entry(new Position(1, 5), 1_000, false, bytes);
        Entry second = new Entry(new Position(1, 6), 1_001, true, bytes);
        List<Effect> effects = one.take(first);
        assertThat(other.take(first)).isEqualTo(effects);
        List<Effect> more = one.take(second);
        assertThat(other.take(second)).isEqualTo(more);
        more.forEach(RecordFuzzTest::goesOn);
        effects.forEach(RecordFuzzTest::goesOn);
        assertThat(one.pendingCount()).isZero();
    }

    private static void goesOn(Effect effect) {
        if (effect instanceof Effect.Cut cut) {
            assertThat(cut.envelopes()).isNotEmpty();
            Resume resume = Resume.of(cut.metadata(), SEATS);
            assertThat(resume.encode(6))
                    .isEqualTo(Resume.of(resume.encode(6), SEATS).encode(6));
            assertThat(new Cutter(resume, 2, RULES).members()).hasSameSizeAs(SEATS);
        }
    }

    /// A block's consenter metadata. What it cannot go on from, it says with an [Invariant]: nothing else leaves.
    @FuzzTest
    void resume(byte[] input) {
        Resume resume;
        try {
            resume = Resume.of(ByteString.copyFrom(input), SEATS);
        } catch (Invariant refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return;
        }
        ByteString encoded = resume.encode(9);
        assertThat(Resume.of(encoded, SEATS)).isEqualTo(resume);
        assertThat(Resume.of(encoded, SEATS).encode(9)).isEqualTo(encoded);
        assertThat(resume.replayAfter()).isNotNull();
    }

    private static Cutter cutter() {
        return new Cutter(Resume.beginning(SEATS), 1, RULES);
    }
}
