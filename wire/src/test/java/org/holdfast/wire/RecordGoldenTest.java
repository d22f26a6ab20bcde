package org.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.holdfast.wire.proto.Batch;
import org.holdfast.wire.proto.ConfigChange;
import org.holdfast.wire.proto.ConsenterMetadata;
import org.holdfast.wire.proto.Fragment;
import org.holdfast.wire.proto.Origin;
import org.holdfast.wire.proto.OriginMark;
import org.holdfast.wire.proto.PartialEnvelope;
import org.holdfast.wire.proto.Position;
import org.holdfast.wire.proto.Progress;
import org.holdfast.wire.proto.Record;
import org.holdfast.wire.proto.SeatTakeover;
import org.holdfast.wire.proto.TimeToCut;
import org.hyperledger.fabric.protos.orderer.etcdraft.BlockMetadata;
import org.junit.jupiter.api.Test;

/// Golden bytes: `records-v1.hex` and `records-v2.hex` were encoded by hand-written code outside this project. Logs and
/// blocks of these versions stay readable, and the same values stay the same bytes on every node.
class RecordGoldenTest {
    private static final String MEMBER = "0123456789abcdef.2";
    private static final Origin ORIGIN =
            Origin.newBuilder().setMember(MEMBER).setEpoch(7).setSequence(300).build();

    private final Map<String, ByteString> golden = Stream.of("records-v1.hex", "records-v2.hex")
            .flatMap(name -> Golden.lines(name).stream())
            .map(line -> line.split(" ", 2))
            .collect(Collectors.toMap(
                    f -> f[0], f -> ByteString.copyFrom(HexFormat.of().parseHex(f[1]))));

    @Test
    void aBatch() throws InvalidProtocolBufferException {
        Batch batch = Batch.newBuilder()
                .addEnvelope(ByteString.copyFromUtf8("first"))
                .addEnvelope(ByteString.copyFrom(new byte[] {0, -1}))
                .build();
        same("record-batch", record().setConfigSequence(5).setBatch(batch).build());
    }

    @Test
    void aFragment() throws InvalidProtocolBufferException {
        Fragment fragment = Fragment.newBuilder()
                .setFirstSequence(299)
                .setPart(1)
                .setParts(2)
                .setTotalBytes(1_048_580)
                .setBytes(ByteString.copyFromUtf8("tail"))
                .build();
        same(
                "record-fragment",
                record().setConfigSequence(5).setFragment(fragment).build());
    }

    @Test
    void aTimeToCut() throws InvalidProtocolBufferException {
        same(
                "record-time-to-cut",
                record().setTimeToCut(TimeToCut.newBuilder().setBlockNumber(41)).build());
    }

    @Test
    void aTakeover() throws InvalidProtocolBufferException {
        SeatTakeover takeover = SeatTakeover.newBuilder()
                .setSeat(2)
                .setOldMember(MEMBER)
                .setNewMember("0123456789abcdef.3")
                .setSignature(ByteString.copyFrom(new byte[] {0x30, 1}))
                .build();
        same("record-takeover", record().setTakeover(takeover).build());
    }

    @Test
    void aConfig() throws InvalidProtocolBufferException {
        ConfigChange config = ConfigChange.newBuilder()
                .setEnvelope(ByteString.copyFromUtf8("config"))
                .build();
        same(
                "record-config",
                record().setVersion(2).setConfigSequence(5).setConfig(config).build());
    }

    @Test
    void aFragmentOfAConfig() throws InvalidProtocolBufferException {
        Fragment fragment = Fragment.newBuilder()
                .setFirstSequence(299)
                .setPart(1)
                .setParts(2)
                .setTotalBytes(1_048_580)
                .setBytes(ByteString.copyFromUtf8("tail"))
                .setConfig(true)
                .build();
        same(
                "record-config-fragment",
                record().setVersion(2)
                        .setConfigSequence(5)
                        .setFragment(fragment)
                        .build());
    }

    @Test
    void consenterMetadata() throws InvalidProtocolBufferException {
        same("consenter-metadata", metadata());
    }

    /// Oracle: Fabric's own message class, which must find its three fields and step over ours.
    @Test
    void fabricReadsItsPartOfOurConsenterMetadata() throws InvalidProtocolBufferException {
        BlockMetadata fabric = BlockMetadata.parseFrom(metadata().toByteString());
        assertThat(fabric.getConsenterIdsList()).containsExactly(1L, 2L, 3L);
        assertThat(fabric.getNextConsenterId()).isEqualTo(4);
        assertThat(fabric.getRaftIndex()).isEqualTo(101);
    }

    @Test
    void mutilatedRecordsAreDecodedOrRefused() {
        Random random = new Random(44);
        int refused = 0;
        int tried = 0;
        for (ByteString sound : golden.values()) {
            for (int i = 0; i < 2_000; i++) {
                byte[] bad = sound.toByteArray();
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
                ByteString bytes = ByteString.copyFrom(bad, 0, 1 + random.nextInt(bad.length));
                refused += refusals(bytes);
                tried += 2;
            }
        }
        assertThat(refused).isBetween(1, tried - 1);
    }

    private static int refusals(ByteString bytes) {
        int refused = 0;
        try {
            assertThat(Decode.aliasing(Record.parser(), bytes)).isNotNull();
        } catch (InvalidProtocolBufferException expected) {
            refused++;
        }
        try {
            assertThat(Decode.aliasing(ConsenterMetadata.parser(), bytes)).isNotNull();
        } catch (InvalidProtocolBufferException expected) {
            refused++;
        }
        return refused;
    }

    private void same(String name, Message message) throws InvalidProtocolBufferException {
        assertThat(golden).containsKey(name);
        ByteString bytes = golden.getOrDefault(name, ByteString.EMPTY);
        assertThat(message.toByteString()).as("written").isEqualTo(bytes);
        assertThat(Decode.aliasing(message.getParserForType(), bytes))
                .as("read")
                .isEqualTo(message);
    }

    private static Record.Builder record() {
        return Record.newBuilder().setVersion(1).setOrigin(ORIGIN);
    }

    private static ConsenterMetadata metadata() {
        Progress progress = Progress.newBuilder()
                .setVersion(1)
                .setConsumed(position(3, 100))
                .setCurrent(position(4, 101))
                .setTaken(9)
                .setTimeMillis(1_700_000_000_123L)
                .addOrigins(
                        OriginMark.newBuilder().setMember(MEMBER).setEpoch(7).setApplied(300))
                .addMembers(MEMBER)
                .addMembers("fedcba9876543210.1")
                .addPartials(PartialEnvelope.newBuilder()
                        .setMember(MEMBER)
                        .setEpoch(7)
                        .setFirstSequence(299)
                        .setBefore(position(4, 98)))
                .build();
        return ConsenterMetadata.newBuilder()
                .addConsenterIds(1)
                .addConsenterIds(2)
                .addConsenterIds(3)
                .setNextConsenterId(4)
                .setRaftIndex(101)
                .setProgress(progress)
                .build();
    }

    private static Position position(long term, long index) {
        return Position.newBuilder().setTerm(term).setIndex(index).build();
    }
}
