package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.holdfast.env.Invariant;
import org.holdfast.order.Cutter.Effect;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.ConsenterMetadata;
import org.holdfast.wire.proto.Origin;
import org.holdfast.wire.proto.Record;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.orderer.etcdraft.BlockMetadata;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Oracles: [FabricCutting] for where blocks end, Fabric's own `etcdraft.BlockMetadata` for the first metadata fields,
/// a golden file for the rest, and the cutter itself, started again at every block.
class CutterTest {
    private static final Cutter.Rules SMALL = new Cutter.Rules(RecordStream.CONFIG_SEQUENCE, 5, 300, 450);

    @Test
    void blocksEndWhereFabricEndsThem() {
        for (int seed = 0; seed < 1500; seed++) {
            Random random = new Random(seed);
            Cutter.Rules rules = new Cutter.Rules(
                    RecordStream.CONFIG_SEQUENCE, 1 + random.nextInt(8), 20 + random.nextInt(300), 1000);
            FabricCutting model = new FabricCutting(rules.maxMessages(), rules.preferredBytes());
            Cutter cutter = cutter(Resume.beginning(RecordStream.SEATS), 1, rules);
            List<List<ByteString>> blocks = new ArrayList<>();
            Records records = new Records(new MemberId(RecordStream.SEATS.getFirst(), 1), 1);
            long sequence = 0;
            for (int i = 1; i < 40; i++) {
                boolean cutAfter = random.nextInt(6) == 0;
                ByteString record;
                if (random.nextInt(6) == 0) {
                    long number = cutter.nextBlock() + random.nextInt(3) - 1;
                    record = Records.timeToCut(number);
                    if (number == cutter.nextBlock()) {
                        model.cut();
                    }
                    cutAfter = false;
                } else {
                    List<ByteString> envelopes = new ArrayList<>();
                    for (int left = random.nextInt(7); left > 0; left--) {
                        ByteString envelope = RecordStream.envelope(random, random.nextInt(120));
                        envelopes.add(envelope);
                        model.ordered(envelope, payloadAndSignature(envelope));
                    }
                    record = records.batch(++sequence, RecordStream.CONFIG_SEQUENCE, envelopes);
                    if (cutAfter) {
                        model.cut();
                    }
                }
                for (Effect effect : cutter.take(new Entry(new Position(1, i), i, cutAfter, record))) {
                    if (effect instanceof Effect.Cut cut) {
                        blocks.add(cut.envelopes());
                    }
                }
                assertThat(blocks).as("seed %d record %d", seed, i).isEqualTo(model.blocks());
                assertThat(cutter.pendingCount()).isEqualTo(model.pending());
            }
        }
    }

    @Test
    void everyBlockIsAPlaceToGoOnFrom() {
        int blocks = 0;
        for (int seed = 0; seed < 80; seed++) {
            blocks += resumesEverywhere(seed, RecordStream.of(seed, 160));
        }
        assertThat(blocks).isGreaterThan(80 * 160 / 20);
    }

    @Test
    void everyBlockAmongLargeEnvelopesSentInRoundsIsAPlaceToGoOnFrom() {
        int blocks = 0;
        for (int seed = 0; seed < 60; seed++) {
            blocks += resumesEverywhere(seed, RecordStream.withRounds(seed, 160));
        }
        assertThat(blocks).isGreaterThan(60 * 160 / 20);
    }

    /// One member's large envelope lets the log be read again from far before another member's, whose parts stand there
    /// as copies that came too early. Found by the simulator: the envelope was dropped, by that node alone.
    @Test
    void aPartThatCameTooEarlyIsNotGatheredAfterARestart() {
        Random random = new Random(1);
        Records holder = new Records(new MemberId(RecordStream.SEATS.get(0), 1), 1);
        Records origin = new Records(new MemberId(RecordStream.SEATS.get(1), 1), 1);
        Records other = new Records(new MemberId(RecordStream.SEATS.get(2), 1), 1);
        ByteString large = RecordStream.envelope(random, 200);
        List<ByteString> parts = Parts.of(origin, 2, large, 3);
        ByteString small = RecordStream.envelope(random, 5);
        List<Entry> stream = stream(
                Parts.of(holder, 1, RecordStream.envelope(random, 200), 2).getFirst(),
                parts.get(0),
                parts.get(1),
                parts.get(2),
                origin.batch(1, RecordStream.CONFIG_SEQUENCE, List.of(small)),
                parts.get(0),
                other.batch(1, RecordStream.CONFIG_SEQUENCE, List.of(small)),
                Records.timeToCut(1),
                parts.get(1),
                parts.get(2),
                Records.timeToCut(2));
        List<Effect.Cut> whole = cuts(cutter(Resume.beginning(RecordStream.SEATS), 1, SMALL), stream);
        assertThat(whole).hasSize(2);
        assertThat(whole.getLast().envelopes()).containsExactly(large);
        Resume resume = Resume.of(whole.getFirst().metadata(), RecordStream.SEATS);
        assertThat(resume.replayAfter()).as("the holder's part is read again").isEqualTo(Position.NONE);
        assertThat(cuts(cutter(resume, 2, SMALL), stream)).containsExactly(whole.getLast());
    }

    private static List<Entry> stream(ByteString... records) {
        List<Entry> entries = new ArrayList<>();
        for (ByteString record : records) {
            long index = entries.size() + 1L;
            entries.add(new Entry(new Position(1, index), index, false, record));
        }
        return entries;
    }

    @Test
    @Tag("slow")
    void everyBlockOfLongerStreamsIsAPlaceToGoOnFrom() {
        int blocks = 0;
        for (int seed = 1000; seed < 1400; seed++) {
            blocks += resumesEverywhere(seed, RecordStream.of(seed, 600));
        }
        for (int seed = 1000; seed < 1100; seed++) {
            blocks += resumesEverywhere(seed, RecordStream.withRounds(seed, 600));
        }
        assertThat(blocks).isGreaterThan(500 * 600 / 20);
    }

    /// @return blocks, each of which the cutter was started at
    private static int resumesEverywhere(int seed, List<Entry> stream) {
        List<Effect.Cut> whole = cuts(cutter(Resume.beginning(RecordStream.SEATS), 1, SMALL), stream);
        for (int block = 0; block < whole.size(); block++) {
            Resume resume = Resume.of(whole.get(block).metadata(), RecordStream.SEATS);
            long after = resume.replayAfter().index();
            List<Entry> rest = stream.stream()
                    .filter(entry -> entry.position().index() > after)
                    .toList();
            List<Effect.Cut> again = cuts(cutter(resume, block + 2L, SMALL), rest);
            assertThat(again)
                    .as("seed %d, resumed after block %d", seed, block + 1)
                    .isEqualTo(whole.subList(block + 1, whole.size()));
        }
        return whole.size();
    }

    @Test
    void everyBlockAmongConfigsIsAPlaceToGoOnFromUnderTheConfigBehindIt() {
        int configs = 0;
        int resumedAmid = 0;
        for (int seed = 0; seed < 80; seed++) {
            List<Entry> stream = RecordStream.withConfigs(seed, SMALL, 160);
            List<Effect.Cut> whole = cuts(cutter(Resume.beginning(RecordStream.SEATS), 1, SMALL), stream);
            Cutter.Rules inForce = SMALL;
            for (int block = 0; block < whole.size(); block++) {
                Effect.Cut cut = whole.get(block);
                if (cut.next().isPresent()) {
                    inForce = cut.next().get().rules();
                    configs++;
                    assertThat(cut.envelopes())
                            .as("seed %d block %d", seed, block + 1)
                            .hasSize(1);
                }
                Resume resume = Resume.of(cut.metadata(), RecordStream.SEATS);
                boolean beforeConfig =
                        block + 1 < whole.size() && whole.get(block + 1).next().isPresent();
                resumedAmid += beforeConfig && resume.current().isPresent() ? 1 : 0;
                long after = resume.replayAfter().index();
                List<Entry> rest = stream.stream()
                        .filter(entry -> entry.position().index() > after)
                        .toList();
                assertThat(cuts(cutter(resume, block + 2L, inForce), rest))
                        .as("seed %d, resumed after block %d", seed, block + 1)
                        .isEqualTo(whole.subList(block + 1, whole.size()));
            }
        }
        assertThat(configs).isGreaterThan(200);
        assertThat(resumedAmid).as("cut before a config, read again from there").isGreaterThan(50);
    }

    @Test
    void aConfigEndsTheBlockBeforeItStandsAloneAndIsInForceForTheNextRecord() {
        Cutter cutter = cutter(Resume.beginning(RecordStream.SEATS), 1, SMALL);
        Records records = new Records(new MemberId(RecordStream.SEATS.getFirst(), 1), 1);
        ByteString one = RecordStream.envelope(new Random(1), 10);
        ByteString config = PlainConfig.envelope(new Cutter.Rules(RecordStream.CONFIG_SEQUENCE + 1, 2, 300, 450), 0);
        assertThat(take(cutter, 1, records.batch(1, RecordStream.CONFIG_SEQUENCE, List.of(one))))
                .containsExactly("APPLIED");
        assertThat(take(cutter, 2, records.config(2, RecordStream.CONFIG_SEQUENCE, config)))
                .containsExactly("cut 1", "config 4 alone", "APPLIED");
        // On its way while the config was ordered: its gate has it judged again.
        assertThat(take(cutter, 3, records.batch(3, RecordStream.CONFIG_SEQUENCE, List.of(one, one))))
                .containsExactly("STALE_CONFIG");
        assertThat(take(cutter, 4, records.config(4, RecordStream.CONFIG_SEQUENCE, config)))
                .containsExactly("STALE_CONFIG");
        assertThat(take(cutter, 5, records.config(5, RecordStream.CONFIG_SEQUENCE + 1, config)))
                .containsExactly("REFUSED");
        assertThat(take(cutter, 6, records.batch(6, RecordStream.CONFIG_SEQUENCE + 1, List.of(one, one))))
                .as("two messages a block now")
                .containsExactly("APPLIED", "cut 2");
        assertThat(cutter.nextBlock()).isEqualTo(4);
    }

    private static List<String> take(Cutter cutter, long index, ByteString record) {
        List<String> found = new ArrayList<>();
        for (Effect effect : cutter.take(new Entry(new Position(1, index), index, false, record))) {
            switch (effect) {
                case Effect.Cut cut ->
                    found.add(cut.next()
                            .map(next ->
                                    "config %d alone".formatted(next.rules().configSequence()))
                            .orElse("cut " + cut.envelopes().size()));
                case Effect.Settled settled -> {
                    assertThat(settled.why().isPresent()).isEqualTo(settled.fate() == Fate.REFUSED);
                    found.add(settled.fate().name());
                }
                case Effect.Seated seated -> found.add("seated " + seated.seat());
            }
        }
        return found;
    }

    @Test
    void whatCanBePurgedNeverMovesBack() {
        for (int seed = 0; seed < 150; seed++) {
            long purgeable = 0;
            for (Effect.Cut cut :
                    cuts(cutter(Resume.beginning(RecordStream.SEATS), 1, SMALL), RecordStream.of(seed, 200))) {
                long now = Resume.of(cut.metadata(), RecordStream.SEATS)
                        .replayAfter()
                        .index();
                assertThat(now).as("seed %d", seed).isGreaterThanOrEqualTo(purgeable);
                purgeable = now;
            }
        }
    }

    @Test
    void aRecordCountsOnceAndInItsOriginsOrder() {
        int applied = 0;
        int dropped = 0;
        for (int seed = 0; seed < 200; seed++) {
            Cutter cutter = cutter(Resume.beginning(RecordStream.SEATS), 1, SMALL);
            Map<String, Origin> last = new HashMap<>();
            List<ByteString> expected = new ArrayList<>();
            List<ByteString> got = new ArrayList<>();
            Map<String, ByteString> parts = new HashMap<>();
            for (Entry entry : RecordStream.of(seed, 200)) {
                Record record = Parts.parse(entry.record());
                for (Effect effect : cutter.take(entry)) {
                    switch (effect) {
                        case Effect.Cut cut -> got.addAll(cut.envelopes());
                        case Effect.Seated seated -> last.remove(seated.before().toString());
                        case Effect.Settled settled
                        when settled.fate() == Fate.APPLIED && record.hasOrigin() -> {
                            Origin origin = record.getOrigin();
                            Origin before = last.put(origin.getMember(), origin);
                            boolean fresh = before == null || before.getEpoch() < origin.getEpoch();
                            assertThat(origin.getSequence())
                                    .as("seed %d: %s after %s", seed, origin, before)
                                    .isEqualTo(fresh ? 1 : before.getSequence() + 1);
                            expected.addAll(content(record, parts));
                            applied++;
                        }
                        case Effect.Settled settled -> {
                            if (settled.fate() == Fate.STALE_CONFIG || settled.fate() == Fate.DROPPED) {
                                if (record.hasOrigin()) {
                                    last.put(record.getOrigin().getMember(), record.getOrigin());
                                }
                            }
                            dropped++;
                        }
                    }
                }
            }
            assertThat(got).isEqualTo(expected.subList(0, got.size()));
            assertThat(cutter.pendingCount()).isEqualTo(expected.size() - got.size());
        }
        assertThat(applied).isGreaterThan(6_000);
        assertThat(dropped).isGreaterThan(2_000);
    }

    /// The envelopes a record completes, put together independently of [Partials].
    private static List<ByteString> content(Record record, Map<String, ByteString> parts) {
        if (!record.hasFragment()) {
            return record.getBatch().getEnvelopeList();
        }
        String key = record.getOrigin().getMember() + "/" + record.getOrigin().getEpoch() + "/"
                + record.getFragment().getFirstSequence();
        ByteString soFar = parts.getOrDefault(key, ByteString.EMPTY)
                .concat(record.getFragment().getBytes());
        parts.put(key, soFar);
        return soFar.size() == record.getFragment().getTotalBytes() ? List.of(soFar) : List.of();
    }

    @Test
    void theMetadataBeginsAsFabricsDoes() throws IOException {
        for (Effect.Cut cut : cuts(cutter(Resume.beginning(RecordStream.SEATS), 1, SMALL), RecordStream.of(7, 300))) {
            BlockMetadata fabric = BlockMetadata.parseFrom(cut.metadata());
            ConsenterMetadata ours = ConsenterMetadata.parseFrom(cut.metadata());
            assertThat(fabric.getConsenterIdsList()).isEqualTo(ours.getConsenterIdsList());
            assertThat(fabric.getConsenterIdsCount()).isEqualTo(RecordStream.SEATS.size());
            assertThat(fabric.getNextConsenterId()).isEqualTo(ours.getNextConsenterId());
            assertThat(fabric.getRaftIndex()).isEqualTo(ours.getRaftIndex());
            assertThat(fabric.getConsenterIdsList())
                    .doesNotHaveDuplicates()
                    .allSatisfy(id -> assertThat(id).isLessThan(fabric.getNextConsenterId()));
            assertThat(fabric.getRaftIndex())
                    .isGreaterThanOrEqualTo(ours.getProgress().getConsumed().getIndex());
        }
    }

    @Test
    void theMetadataOfAFixedStreamStaysAsItIs() throws IOException {
        StringBuilder made = new StringBuilder();
        for (Effect.Cut cut : cuts(cutter(Resume.beginning(RecordStream.SEATS), 1, SMALL), RecordStream.of(42, 60))) {
            made.append(HexFormat.of().formatHex(cut.metadata().toByteArray())).append('\n');
        }
        try (InputStream golden = CutterTest.class.getResourceAsStream("/cutter/metadata-v1.hex")) {
            assertThat(made.toString())
                    .isEqualTo(golden == null ? "" : new String(golden.readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void aRecordReadTwiceIsABug() {
        Cutter cutter = cutter(Resume.beginning(RecordStream.SEATS), 1, SMALL);
        Entry entry = RecordStream.of(1, 1).getFirst();
        cutter.take(entry);
        assertThatThrownBy(() -> cutter.take(entry)).isInstanceOf(Invariant.class);
    }

    @Test
    void aLargeEnvelopeOfADeadMemberDoesNotHoldTheLogForEver() {
        Cutter cutter = cutter(Resume.beginning(RecordStream.SEATS), 1, SMALL);
        Records dead = new Records(new MemberId(RecordStream.SEATS.get(0), 1), 1);
        Records alive = new Records(new MemberId(RecordStream.SEATS.get(1), 1), 1);
        ByteString part =
                Parts.of(dead, 1, RecordStream.envelope(new Random(1), 300), 3).getFirst();
        cutter.take(new Entry(new Position(1, 1), 1, false, part));
        Position purgeable = Position.NONE;
        for (long i = 2; i < Cutter.PARTIAL_SPAN + 4; i++) {
            ByteString record =
                    alive.batch(i - 1, RecordStream.CONFIG_SEQUENCE, List.of(RecordStream.envelope(new Random(i), 5)));
            for (Effect effect : cutter.take(new Entry(new Position(1, i), i, true, record))) {
                if (effect instanceof Effect.Cut cut) {
                    purgeable = Resume.of(cut.metadata(), RecordStream.SEATS).replayAfter();
                    assertThat(purgeable.index() == 0 || i > Cutter.PARTIAL_SPAN)
                            .as("record %d, purgeable %s", i, purgeable)
                            .isTrue();
                }
            }
        }
        assertThat(purgeable.index()).isGreaterThan(Cutter.PARTIAL_SPAN);
    }

    private static Cutter cutter(Resume resume, long nextBlock, Cutter.Rules rules) {
        return new Cutter(resume, nextBlock, new PlainConfig(rules));
    }

    private static List<Effect.Cut> cuts(Cutter cutter, List<Entry> entries) {
        List<Effect.Cut> cuts = new ArrayList<>();
        for (Entry entry : entries) {
            for (Effect effect : cutter.take(entry)) {
                if (effect instanceof Effect.Cut cut) {
                    cuts.add(cut);
                }
            }
        }
        return cuts;
    }

    private static int payloadAndSignature(ByteString envelope) {
        try {
            Envelope parts = Envelope.parseFrom(envelope);
            return parts.getPayload().size() + parts.getSignature().size();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
