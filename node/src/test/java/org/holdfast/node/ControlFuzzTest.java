package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What comes on the operator's socket.
class ControlFuzzTest {
    /// Lines of any length. Oracle: the text cut at its line ends; of a long line only so much that it shows.
    @FuzzTest
    void lines(byte[] input) throws IOException {
        String text = new String(input, StandardCharsets.UTF_8);
        List<String> wanted = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
        if (wanted.getLast().isEmpty()) {
            wanted.removeLast();
        }
        Reader in = new StringReader(text);
        List<String> read = new ArrayList<>();
        for (String line = ControlSocket.line(in); line != null; line = ControlSocket.line(in)) {
            assertThat(line.length()).isLessThanOrEqualTo(ControlSocket.LINE_MAX + 1);
            read.add(line);
        }
        assertThat(read)
                .isEqualTo(wanted.stream()
                        .map(line -> line.substring(0, Math.min(line.length(), ControlSocket.LINE_MAX + 1)))
                        .toList());
    }
}
