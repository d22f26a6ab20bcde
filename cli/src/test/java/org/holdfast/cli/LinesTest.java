package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinesTest {
    @Test
    void splitsAtLineFeedsAndKeepsEverythingElse() throws IOException {
        byte[] input = "one\r\n\n\u0000ü\n last".getBytes(StandardCharsets.ISO_8859_1);

        List<Lines.Line> lines = all(new ByteArrayInputStream(input), false, 100);

        assertThat(lines)
                .extracting(line -> line.bytes().toString(StandardCharsets.ISO_8859_1))
                .containsExactly("one\r", "", "\u0000ü", " last");
        assertThat(lines).extracting(Lines.Line::number).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void aFinalLineFeedEndsTheLastLineAndBeginsNone() throws IOException {
        assertThat(all(bytes("a\n"), false, 10)).hasSize(1);
        assertThat(all(bytes("\n"), false, 10)).hasSize(1);
        assertThat(all(bytes(""), false, 10)).isEmpty();
    }

    @Test
    void aLineBeyondTheLimitIsNamedAndTheNextOneIsWhole() throws IOException {
        List<Lines.Line> lines = all(bytes("12345\n123456\nnext\n1234567"), false, 5);

        assertThat(lines).extracting(Lines.Line::tooLong).containsExactly(false, true, false, true);
        assertThat(lines.get(2).bytes().toStringUtf8()).isEqualTo("next");
        assertThat(lines.get(3).number()).isEqualTo(4);
    }

    @Test
    void theWholeInputIsOneLineWhenAskedFor() throws IOException {
        List<Lines.Line> lines = all(bytes("a\nb\n"), true, 10);

        assertThat(lines)
                .singleElement()
                .satisfies(line -> assertThat(line.bytes()).isEqualTo(ByteString.copyFromUtf8("a\nb\n")));
        assertThat(all(bytes(""), true, 10)).hasSize(1);
    }

    @Test
    void linesAcrossManyReadsComeBackByteForByte() throws IOException {
        Random random = new Random(7);
        byte[] input = new byte[300_000];
        random.nextBytes(input);
        InputStream inDrops = new ByteArrayInputStream(input) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1 + random.nextInt(1000)));
            }
        };

        ByteString.Output joined = ByteString.newOutput();
        for (Lines.Line line : all(inDrops, false, 1 << 20)) {
            line.bytes().writeTo(joined);
            joined.write('\n');
        }

        ByteString expected = ByteString.copyFrom(input);
        assertThat(joined.toByteString().substring(0, input.length)).isEqualTo(expected);
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Lines.Line> all(InputStream in, boolean whole, int limit) throws IOException {
        try (Lines lines = new Lines(in, whole, limit)) {
            List<Lines.Line> all = new ArrayList<>();
            for (Optional<Lines.Line> line = lines.next(); line.isPresent(); line = lines.next()) {
                all.add(line.get());
            }
            return all;
        }
    }
}
