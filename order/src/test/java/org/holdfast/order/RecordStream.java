package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.Record;
import org.holdfast.wire.proto.SeatTakeover;
import org.hyperledger.fabric.protos.common.Envelope;
import org.jspecify.annotations.Nullable;

/// A log as a bad network and dying members leave it: batches, fragments and voids of several members, with records
/// repeated, missing, out of order and of members that have lost their seats. The same for the same seed.
final class RecordStream {
    static final List<String> SEATS = List.of("00000000000000aa", "00000000000000bb", "00000000000000cc");
    static final long CONFIG_SEQUENCE = 3;
    static final ByteString GOOD_SIGNATURE = ByteString.copyFromUtf8("signed by the seat");

    private final Random random;
    private final List<Entry> entries = new ArrayList<>();
    private final Writer[] writers = new Writer[SEATS.size()];
    private long index;
    private long term = 1;
    private long time = 1_000_000;
    /// Reads along in a stream with configs, for the writers to know the one in force.
    private @Nullable Cutter reader;
    /// Members send all they have again and again, and more of it is large.
    private boolean rounds;

    /// A member's gate: what it wrote and has not yet put into the log.
    private static final class Writer {
        private MemberId member;
        private long epoch = 1;
        private long next = 1;
        private final List<ByteString> waiting = new ArrayList<>();
        private final List<ByteString> written = new ArrayList<>();

        private Writer(MemberId member) {
            this.member = member;
        }

        private Records records() {
            return new Records(member, epoch);
        }
    }

    private RecordStream(long seed) {
        random = new Random(seed);
        for (int i = 0; i < writers.length; i++) {
            writers[i] = new Writer(new MemberId(SEATS.get(i), 1));
        }
    }

    static List<Entry> of(long seed, int length) {
        RecordStream stream = new RecordStream(seed);
        while (stream.entries.size() < length) {
            stream.step();
        }
        return List.copyOf(stream.entries);
    }

    /// With many large envelopes, and rounds of copies of which the first was lost: nothing behind it counts.
    static List<Entry> withRounds(long seed, int length) {
        RecordStream stream = new RecordStream(seed);
        stream.rounds = true;
        while (stream.entries.size() < length) {
            stream.step();
        }
        return List.copyOf(stream.entries);
    }

    /// With configs among them: sound ones, late ones, ones that may not follow, whole and in parts.
    static List<Entry> withConfigs(long seed, Cutter.Rules first, int length) {
        RecordStream stream = new RecordStream(seed);
        stream.reader = new Cutter(Resume.beginning(SEATS), 1, new PlainConfig(first));
        while (stream.entries.size() < length) {
            stream.step();
        }
        return List.copyOf(stream.entries);
    }

    static ByteString envelope(Random random, int bytes) {
        byte[] noise = new byte[Math.max(1, bytes)];
        random.nextBytes(noise);
        return Envelope.newBuilder()
                .setPayload(ByteString.copyFrom(noise))
                .setSignature(ByteString.copyFromUtf8("s"))
                .build()
                .toByteString();
    }

    private void step() {
        Writer writer = writers[random.nextInt(writers.length)];
        int kind = random.nextInt(100);
        if (rounds && random.nextInt(6) == 0) {
            round(writer);
        } else if (kind < 8) {
            append(Records.timeToCut(random.nextInt(60)));
        } else if (kind < 11) {
            takeover(random.nextInt(writers.length));
        } else if (kind < 14) {
            writer.epoch++;
            writer.next = 1;
            writer.waiting.clear();
        } else if (kind < 24 && !writer.written.isEmpty()) {
            append(writer.written.get(random.nextInt(writer.written.size())));
        } else {
            if (writer.waiting.isEmpty()) {
                write(writer);
            }
            // Mostly the next record, sometimes a later one before it: a gap.
            int at = random.nextInt(12) == 0 ? random.nextInt(writer.waiting.size()) : 0;
            ByteString record = random.nextInt(15) == 0 ? writer.waiting.get(at) : writer.waiting.remove(at);
            append(record);
        }
    }

    private void round(Writer writer) {
        while (writer.waiting.size() < 4) {
            write(writer);
        }
        writer.waiting.subList(1, writer.waiting.size()).forEach(this::append);
    }

    private void write(Writer writer) {
        int kind = random.nextInt(10);
        List<ByteString> made = new ArrayList<>();
        if (reader != null && random.nextInt(12) == 0) {
            made.addAll(config(writer));
            writer.next += made.size();
        } else if (kind < (rounds ? 6 : 3)) {
            List<ByteString> parts = fragments(writer.records(), writer.next);
            writer.next += parts.size();
            made.addAll(parts);
            if (random.nextInt(4) == 0) {
                // The client's patience ended: the rest goes out empty.
                int from = random.nextInt(parts.size());
                for (int i = from; i < parts.size(); i++) {
                    made.set(i, empty(writer, writer.next - parts.size() + i));
                }
            }
        } else if (kind < (rounds ? 7 : 4)) {
            made.add(empty(writer, writer.next++));
        } else {
            List<ByteString> envelopes = new ArrayList<>();
            int count = random.nextInt(9);
            for (int i = 0; i < count; i++) {
                envelopes.add(envelope(random, random.nextInt(random.nextInt(6) == 0 ? 400 : 60)));
            }
            long config = random.nextInt(20) == 0 ? sequence() - 1 : sequence();
            made.add(writer.records().batch(writer.next++, config, envelopes));
        }
        writer.waiting.addAll(made);
        writer.written.addAll(made);
    }

    private long sequence() {
        return reader == null ? CONFIG_SEQUENCE : reader.inForce().rules().configSequence();
    }

    private List<ByteString> config(Writer writer) {
        long judgedBy = sequence() - (random.nextInt(8) == 0 ? 1 : 0);
        long next = judgedBy + (random.nextInt(8) == 0 ? 2 : 1);
        ByteString envelope = PlainConfig.envelope(PlainConfig.random(random, next), random.nextInt(200));
        return random.nextInt(3) == 0
                ? Parts.ofConfig(writer.records(), writer.next, judgedBy, envelope, 2 + random.nextInt(3))
                : List.of(writer.records().config(writer.next, judgedBy, envelope));
    }

    /// A large envelope in small parts: records cut as [Records#fragments] does, with a smaller part size.
    private List<ByteString> fragments(Records records, long first) {
        ByteString envelope = envelope(random, 200 + random.nextInt(300));
        int parts = 2 + random.nextInt(4);
        return Parts.of(records, first, sequence(), envelope, parts).stream()
                .map(Record::toByteString)
                .toList();
    }

    private ByteString empty(Writer writer, long sequence) {
        return writer.records().batch(sequence, sequence(), List.of());
    }

    private void takeover(int seat) {
        Writer writer = writers[seat];
        MemberId next = new MemberId(SEATS.get(seat), writer.member.incarnation() + 1);
        SeatTakeover.Builder takeover = SeatTakeover.newBuilder()
                .setSeat(seat)
                .setOldMember(writer.member.toString())
                .setNewMember(next.toString())
                .setSignature(GOOD_SIGNATURE);
        switch (random.nextInt(6)) {
            case 0 -> takeover.setSignature(ByteString.copyFromUtf8("forged"));
            case 1 -> takeover.setOldMember(SEATS.get(seat) + ".77");
            case 2 -> takeover.setNewMember(writer.member.toString());
            case 3 -> takeover.setSeat(SEATS.size() + 1);
            default -> {
                append(Records.takeover(takeover.build()));
                if (random.nextInt(3) > 0) {
                    writer.member = next;
                    writer.epoch = 1;
                    writer.next = 1;
                    writer.waiting.clear();
                }
            }
        }
        append(Records.takeover(takeover.build()));
    }

    private void append(ByteString record) {
        index += 1 + (random.nextInt(8) == 0 ? random.nextInt(3) : 0);
        term += random.nextInt(40) == 0 ? 1 : 0;
        time += random.nextInt(50) - 5;
        Entry entry = new Entry(new Position(term, index), time, random.nextInt(9) == 0, record);
        entries.add(entry);
        if (reader != null) {
            reader.take(entry);
        }
    }
}
