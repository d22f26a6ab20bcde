package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RespDecoderTest {
    private static final int BULK_MAX = 1 << 20;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 16, 1000})
    void requestsAreReadInPiecesOfAnySize(int size) throws ProtocolFault {
        String sent = RawClient.request("SET", "k", "a\r\nb")
                + "*0\r\n*-1\r\n\r\n  \r\n"
                + "set  'a\\'b' \"\\x41\\n\\\"\"\n"
                + RawClient.request("GET", "")
                + RawClient.request("PING");
        assertThat(read(sent, size))
                .containsExactly(
                        List.of("SET", "k", "a\r\nb"),
                        List.of("set", "a'b", "A\n\""),
                        List.of("GET", ""),
                        List.of("PING"));
    }

    @Test
    void piecesDoNotChangeWhatIsRead() throws ProtocolFault {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            StringBuilder sent = new StringBuilder();
            List<List<String>> wanted = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                List<String> words = new ArrayList<>();
                for (int w = 0; w <= random.nextInt(6); w++) {
                    words.add("x\r\n$*".repeat(random.nextInt(20)));
                }
                wanted.add(words);
                sent.append(RawClient.request(words.toArray(String[]::new)));
            }
            assertThat(read(sent.toString(), 1 + random.nextInt(40))).isEqualTo(wanted);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*x|invalid multibulk length",
                "*3000000000|invalid multibulk length",
                "*|invalid multibulk length",
                "*01|invalid multibulk length",
                "*1;x|expected '$', got 'x'",
                "*1;$x|invalid bulk length",
                "*1;$-1|invalid bulk length",
                "*1;$1048577|invalid bulk length",
                "*1;$9223372036854775808|invalid bulk length",
                "set '''a'''b c|unbalanced quotes in request",
                "set \"a|unbalanced quotes in request"
            },
            quoteCharacter = '`')
    void faultsHaveRedisTexts(String sent, String text) {
        for (int size : new int[] {1, 100}) {
            assertThatThrownBy(() -> read(sent.replace(";", "\r\n") + "\r\nz", size))
                    .isInstanceOf(ProtocolFault.class)
                    .hasMessage(text);
        }
    }

    @ParameterizedTest
    @CsvSource({"x,too big inline request", "*1,too big mbulk count string", "*1;$1,too big bulk count string"})
    void linesWithoutEndAreCut(String begin, String text) {
        String sent = begin.replace(";", "\r\n") + "1".repeat(RespDecoder.LINE_MAX);
        assertThatThrownBy(() -> read(sent, 1000)).hasMessage(text);
    }

    @Test
    void strangersMaySendLittle() {
        RespDecoder decoder = new RespDecoder(1 << 20);
        assertThatThrownBy(() -> decoder.next(bytes("*11\r\n"), BULK_MAX, false))
                .hasMessage("unauthenticated multibulk length");
        RespDecoder other = new RespDecoder(1 << 20);
        assertThatThrownBy(() -> other.next(bytes("*2\r\n$16385\r\n"), BULK_MAX, false))
                .hasMessage("unauthenticated bulk length");
    }

    @Test
    void aRequestHasALimitAsAWhole() {
        String sent = RawClient.request("MSET", "x".repeat(40_000), "x".repeat(40_000));
        assertThatThrownBy(() -> new RespDecoder(50_000).next(bytes(sent), BULK_MAX, true))
                .hasMessage("request of more than 50000 bytes");
        assertThatThrownBy(() ->
                        new RespDecoder(50_000).next(bytes("*1048576\r\n" + "$0\r\n\r\n".repeat(4000)), BULK_MAX, true))
                .hasMessage("request of more than 50000 bytes");
    }

    @Test
    void aLongWordIsGivenMemoryAsItComes() throws ProtocolFault {
        RespDecoder decoder = new RespDecoder(16 << 20);
        ByteBuf in = bytes("*1\r\n$1048576\r\n");
        assertThat(decoder.next(in, BULK_MAX, true)).isNull();
        assertThat(decoder.inRequest()).isTrue();
        @Nullable List<byte[]> words = null;
        for (int i = 0; i < 1025 && words == null; i++) {
            words = decoder.next(bytes(i < 1024 ? "y".repeat(1024) : "\r\n"), BULK_MAX, true);
        }
        assertThat(words).hasSize(1);
        assertThat(Objects.requireNonNull(words).getFirst()).hasSize(1 << 20).containsOnly('y');
        assertThat(decoder.inRequest()).isFalse();
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static List<List<String>> read(String sent, int size) throws ProtocolFault {
        RespDecoder decoder = new RespDecoder(16 << 20);
        List<List<String>> requests = new ArrayList<>();
        for (int at = 0; at < sent.length(); at += size) {
            ByteBuf piece = bytes(sent.substring(at, Math.min(sent.length(), at + size)));
            while (true) {
                List<byte[]> words = decoder.next(piece, BULK_MAX, true);
                if (words == null) {
                    break;
                }
                requests.add(words.stream()
                        .map(word -> new String(word, StandardCharsets.ISO_8859_1))
                        .toList());
            }
            assertThat(piece.isReadable()).isFalse();
        }
        return requests;
    }
}
