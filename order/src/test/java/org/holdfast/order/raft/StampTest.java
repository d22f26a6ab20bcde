package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.holdfast.env.Invariant;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Position;
import org.junit.jupiter.api.Test;

/// The header before a record in the log.
class StampTest {
    private static final Position AT = new Position(3, 7);

    /// Golden bytes, written by hand from the table in [Stamp].
    @Test
    void theFormatStays() {
        ByteString content = new Stamp(0x0102030405060708L, true, false).before(ByteString.copyFromUtf8("ab"));
        assertThat(HexFormat.of().formatHex(content.toByteArray())).isEqualTo("010101020304050607086162");
    }

    @Test
    void whatIsStampedIsReadBack() {
        for (boolean cut : new boolean[] {true, false}) {
            ByteString content = new Stamp(1_763_781_000_123L, cut, false).before(ByteString.copyFromUtf8("record"));
            assertThat(Stamp.read(AT, content))
                    .isEqualTo(new Entry(
                            AT, 1_763_781_000_123L, cut, com.google.protobuf.ByteString.copyFromUtf8("record")));
        }
    }

    @Test
    void aPackedRecordIsReadUnpacked() {
        var record = com.google.protobuf.ByteString.copyFromUtf8("certificate ".repeat(500));
        var packed = Packing.pack(record).orElseThrow();
        ByteString content = new Stamp(5, true, true).before(ByteString.copyFrom(packed.toByteArray()));
        assertThat(content.size()).isLessThan(record.size() / 10);
        assertThat(Stamp.read(AT, content)).isEqualTo(new Entry(AT, 5, true, record));
    }

    @Test
    void anUnknownVersionOrFlagIsNotRead() {
        byte[] bytes = new Stamp(1, false, false).before(ByteString.EMPTY).toByteArray();
        bytes[0] = 2;
        assertThatThrownBy(() -> Stamp.read(AT, ByteString.copyFrom(bytes))).isInstanceOf(Invariant.class);
        bytes[0] = 1;
        bytes[1] = 4;
        assertThatThrownBy(() -> Stamp.read(AT, ByteString.copyFrom(bytes))).isInstanceOf(Invariant.class);
        assertThatThrownBy(() -> Stamp.read(AT, ByteString.EMPTY)).isInstanceOf(Invariant.class);
    }
}
