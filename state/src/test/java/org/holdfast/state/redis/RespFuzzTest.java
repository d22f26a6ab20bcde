package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.state.Command;

/// What comes on the Redis door's connections.
class RespFuzzTest {
    private static final int BULK_MAX = 128 << 10;
    private static final int REQUEST_MAX = 32 << 10;

    /// What one connection sends. Oracles: the pieces in which bytes come change neither the requests nor the fault;
    /// requests written anew as arrays of bulk strings are read as they were.
    @FuzzTest
    void requests(byte[] input) {
        boolean known = input.length % 2 == 0;
        Read whole = read(input, Integer.MAX_VALUE, known);
        int piece = input.length == 0 ? 1 : 1 + (input[0] & 0x1f);
        assertThat(read(input, piece, known)).isEqualTo(whole);
        assertThat(read(input, 1, known)).isEqualTo(whole);
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        for (Command request : whole.requests()) {
            write(again, "*" + request.argv().size() + "\r\n");
            for (byte[] word : request.argv()) {
                write(again, "$" + word.length + "\r\n");
                again.writeBytes(word);
                write(again, "\r\n");
            }
        }
        RespDecoder large = new RespDecoder(Long.MAX_VALUE);
        assertThat(read(again.toByteArray(), Integer.MAX_VALUE, large, true).requests())
                .isEqualTo(whole.requests());
    }

    private record Read(List<Command> requests, String fault, boolean inRequest) {}

    private static Read read(byte[] input, int piece, boolean known) {
        return read(input, piece, new RespDecoder(REQUEST_MAX), known);
    }

    private static Read read(byte[] input, int piece, RespDecoder decoder, boolean known) {
        List<Command> requests = new ArrayList<>();
        try {
            for (int at = 0; at < input.length; at += Math.min(piece, input.length)) {
                ByteBuf in = Unpooled.wrappedBuffer(input, at, Math.min(piece, input.length - at));
                List<byte[]> words = decoder.next(in, BULK_MAX, known);
                while (words != null) {
                    requests.add(new Command(words));
                    words = decoder.next(in, BULK_MAX, known);
                }
                assertThat(in.isReadable()).isFalse();
            }
        } catch (ProtocolFault e) {
            return new Read(requests, e.text(), false);
        }
        return new Read(requests, "", decoder.inRequest());
    }

    private static void write(ByteArrayOutputStream into, String text) {
        into.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
