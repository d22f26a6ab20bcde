package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import net.jpountz.lz4.LZ4Factory;
import org.holdfast.env.Invariant;
import org.junit.jupiter.api.Test;

/// Packed records. Oracles: an LZ4 block made by hand from the format's description, and the portable decoder of the
/// library, which shares no code with the native one in use.
class PackingTest {
    private static final int LIMIT = 1 << 20;

    @Test
    void aHandMadeBlockIsRead() {
        // Token 0x1f: one literal, a match of 15 and more; the literal; offset 1; 85 more; then the last 5 literals.
        byte[] block = HexFormat.of().parseHex("1f61" + "0100" + "55" + "50" + "6263646566");
        ByteBuffer packed =
                ByteBuffer.allocate(4 + block.length).putInt(110).put(block).flip();
        assertThat(Packing.unpack(packed, LIMIT).toStringUtf8()).isEqualTo("a".repeat(105) + "bcdef");
    }

    @Test
    void whatIsPackedIsUnpackedHereAndElsewhere() {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            ByteString record = record(random, Packing.BYTES_MIN + random.nextInt(LIMIT - Packing.BYTES_MIN));
            ByteString packed = Packing.pack(record).orElseThrow();
            assertThat(packed.size()).isLessThanOrEqualTo(4 + record.size() - record.size() / 8);
            assertThat(Packing.unpack(packed.asReadOnlyByteBuffer(), LIMIT)).isEqualTo(record);
            byte[] block = packed.substring(4).toByteArray();
            byte[] raw = LZ4Factory.safeInstance().safeDecompressor().decompress(block, record.size());
            assertThat(ByteString.copyFrom(raw)).isEqualTo(record);
        }
    }

    @Test
    void whatDoesNotShrinkStaysAsItIs() {
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        assertThat(Packing.pack(ByteString.copyFrom(noise))).isEmpty();
        assertThat(Packing.pack(ByteString.copyFrom(new byte[Packing.BYTES_MIN - 1])))
                .isEmpty();
        assertThat(Packing.pack(ByteString.EMPTY)).isEmpty();
    }

    @Test
    void aBrokenOneIsNotRead() {
        Random random = new Random(3);
        ByteString record = record(random, 20_000);
        byte[] packed = Packing.pack(record).orElseThrow().toByteArray();
        assertThatThrownBy(() -> Packing.unpack(ByteBuffer.wrap(packed), record.size() - 1))
                .isInstanceOf(Invariant.class)
                .hasMessageContaining("unpacks to 20000 bytes, allowed are 19999");
        assertThatThrownBy(() -> Packing.unpack(ByteBuffer.wrap(Arrays.copyOf(packed, packed.length / 2)), LIMIT))
                .isInstanceOf(Invariant.class);
        assertThatThrownBy(() -> Packing.unpack(ByteBuffer.allocate(4), LIMIT)).isInstanceOf(Invariant.class);
        byte[] negative = packed.clone();
        negative[0] = (byte) 0x80;
        assertThatThrownBy(() -> Packing.unpack(ByteBuffer.wrap(negative), LIMIT))
                .isInstanceOf(Invariant.class);
        for (int i = 0; i < 2000; i++) {
            byte[] garbled = packed.clone();
            garbled[random.nextInt(garbled.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                Packing.unpack(ByteBuffer.wrap(garbled), LIMIT);
            } catch (Invariant expected) {
                assertThat(expected).hasMessageContaining("packed record");
            }
        }
    }

    /// Noise, with the same 900 bytes again and again, as certificates are.
    private static ByteString record(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        byte[] certificate = new byte[900];
        random.nextBytes(certificate);
        for (int at = 0; at + 900 < size; at += 1500) {
            System.arraycopy(certificate, 0, bytes, at, 900);
        }
        if (size < 4096) {
            Arrays.fill(bytes, (byte) 7);
        }
        return ByteString.copyFrom(bytes);
    }
}
