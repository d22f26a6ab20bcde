package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.wire.proto.Fragment;
import org.holdfast.wire.proto.Record;

/// Fragments smaller than [Records] makes them, so that a stream of a few kilobytes has many.
final class Parts {
    private Parts() {}

    static List<ByteString> of(Records records, long first, ByteString envelope, int parts) {
        return of(records, first, RecordStream.CONFIG_SEQUENCE, envelope, parts).stream()
                .map(Record::toByteString)
                .toList();
    }

    /// The parts of an envelope that leads to a config.
    static List<ByteString> ofConfig(Records records, long first, long judgedBy, ByteString envelope, int parts) {
        return of(records, first, judgedBy, envelope, parts).stream()
                .map(record -> {
                    Record.Builder config = record.toBuilder().setVersion(2);
                    config.getFragmentBuilder().setConfig(true);
                    return config.build().toByteString();
                })
                .toList();
    }

    static List<Record> of(Records records, long first, long judgedBy, ByteString envelope, int parts) {
        List<Record> result = new ArrayList<>();
        int size = (envelope.size() + parts - 1) / parts;
        for (int part = 0; part < parts; part++) {
            int from = Math.min(part * size, envelope.size());
            Fragment fragment = Fragment.newBuilder()
                    .setFirstSequence(first)
                    .setPart(part)
                    .setParts(parts)
                    .setTotalBytes(envelope.size())
                    .setBytes(envelope.substring(from, Math.min(from + size, envelope.size())))
                    .build();
            ByteString frame = records.batch(first + part, judgedBy, List.of());
            result.add(parse(frame).toBuilder().setFragment(fragment).build());
        }
        return result;
    }

    static Record parse(ByteString record) {
        try {
            return Record.parseFrom(record);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
