package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.holdfast.state.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What replies look like. Oracle: a real redis-server's DEBUG PROTOCOL, which answers each type the protocol has.
class RespEncoderTest {
    @Test
    void everyFormIsAsRedisWritesIt(@TempDir Path directory) throws Exception {
        Map<String, Reply> forms = Map.of(
                "string", Reply.bulk("Hello World"),
                "integer", Reply.of(12345),
                "double", new Reply.Real(3.141),
                "null", Reply.NIL,
                "array", new Reply.Listing(List.of(Reply.of(0), Reply.of(1), Reply.of(2))),
                "set", new Reply.Distinct(List.of(Reply.of(0), Reply.of(1), Reply.of(2))),
                "map",
                        new Reply.Pairs(List.of(
                                new Reply.Pair(Reply.of(0), new Reply.Truth(false)),
                                new Reply.Pair(Reply.of(1), new Reply.Truth(true)),
                                new Reply.Pair(Reply.of(2), new Reply.Truth(false)))),
                "verbatim", new Reply.Text("txt", "This is a verbatim\nstring"),
                "true", new Reply.Truth(true),
                "false", new Reply.Truth(false));
        try (RealRedis redis = new RealRedis(directory);
                RawClient client = new RawClient(redis.port())) {
            for (int version : new int[] {2, 3}) {
                client.call("HELLO", Integer.toString(version));
                for (Map.Entry<String, Reply> form : forms.entrySet()) {
                    assertThat(written(form.getValue(), version))
                            .describedAs("%s, version %d", form.getKey(), version)
                            .isEqualTo(client.call("DEBUG", "PROTOCOL", form.getKey()));
                }
            }
        }
    }

    @Test
    void textsStayOnTheirLine() {
        assertThat(written(Reply.Failure.err("a\r\nb"), 2)).isEqualTo("-ERR a  b\r\n");
        assertThat(written(Reply.NIL_LISTING, 2)).isEqualTo("*-1\r\n");
        assertThat(written(Reply.NIL_LISTING, 3)).isEqualTo("_\r\n");
        assertThat(written(Reply.of(-1), 2)).isEqualTo(":-1\r\n");
        assertThat(written(Reply.of(Long.MIN_VALUE), 2)).isEqualTo(":-9223372036854775808\r\n");
        assertThat(written(Reply.of(1023), 2) + written(Reply.of(1024), 2)).isEqualTo(":1023\r\n:1024\r\n");
    }

    private static String written(Reply reply, int version) {
        ByteBuf out = Unpooled.buffer();
        RespEncoder.write(out, reply, version);
        return out.toString(StandardCharsets.ISO_8859_1);
    }
}
