package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.Batch;
import org.holdfast.wire.proto.ConfigChange;
import org.holdfast.wire.proto.Fragment;
import org.holdfast.wire.proto.Origin;
import org.holdfast.wire.proto.Record;
import org.holdfast.wire.proto.SeatTakeover;
import org.holdfast.wire.proto.TimeToCut;

/// Writes records (`record.proto`) under one origin. A record says the lowest version that can read it.
final class Records {
    /// Envelope bytes in one record at most. Leaves room for the record's own fields below
    /// [OrderedLog#RECORD_BYTES_MAX].
    static final int CONTENT_BYTES_MAX = OrderedLog.RECORD_BYTES_MAX - 4096;

    private static final int VERSION = 1;
    /// Carries a config.
    private static final int CONFIG_VERSION = 2;

    private final MemberId member;
    private final long epoch;

    Records(MemberId member, long epoch) {
        this.member = member;
        this.epoch = epoch;
    }

    /// Whether a record was written here, in this start.
    boolean ours(Origin origin) {
        return origin.getEpoch() == epoch && origin.getMember().equals(member.toString());
    }

    long epoch() {
        return epoch;
    }

    String member() {
        return member.toString();
    }

    ByteString batch(long sequence, long configSequence, List<ByteString> envelopes) {
        return start(sequence, configSequence)
                .setBatch(Batch.newBuilder().addAllEnvelope(envelopes))
                .build()
                .toByteString();
    }

    /// @param envelope of type CONFIG
    ByteString config(long sequence, long configSequence, ByteString envelope) {
        return start(sequence, configSequence)
                .setVersion(CONFIG_VERSION)
                .setConfig(ConfigChange.newBuilder().setEnvelope(envelope))
                .build()
                .toByteString();
    }

    /// A large envelope as records with consecutive sequences, beginning with `first`.
    ///
    /// @param config whether it is of type CONFIG
    List<ByteString> fragments(long first, long configSequence, ByteString envelope, boolean config) {
        int parts = (envelope.size() + CONTENT_BYTES_MAX - 1) / CONTENT_BYTES_MAX;
        List<ByteString> records = new ArrayList<>(parts);
        for (int part = 0; part < parts; part++) {
            int from = part * CONTENT_BYTES_MAX;
            int until = Math.min(from + CONTENT_BYTES_MAX, envelope.size());
            Fragment fragment = Fragment.newBuilder()
                    .setFirstSequence(first)
                    .setPart(part)
                    .setParts(parts)
                    .setTotalBytes(envelope.size())
                    .setBytes(envelope.substring(from, until))
                    .setConfig(config)
                    .build();
            records.add(start(first + part, configSequence)
                    .setVersion(config ? CONFIG_VERSION : VERSION)
                    .setFragment(fragment)
                    .build()
                    .toByteString());
        }
        return records;
    }

    static ByteString timeToCut(long blockNumber) {
        return Record.newBuilder()
                .setVersion(VERSION)
                .setTimeToCut(TimeToCut.newBuilder().setBlockNumber(blockNumber))
                .build()
                .toByteString();
    }

    static ByteString takeover(SeatTakeover takeover) {
        return Record.newBuilder()
                .setVersion(VERSION)
                .setTakeover(takeover)
                .build()
                .toByteString();
    }

    private Record.Builder start(long sequence, long configSequence) {
        Origin origin = Origin.newBuilder()
                .setMember(member.toString())
                .setEpoch(epoch)
                .setSequence(sequence)
                .build();
        return Record.newBuilder().setVersion(VERSION).setOrigin(origin).setConfigSequence(configSequence);
    }
}
