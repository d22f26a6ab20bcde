package org.holdfast.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.wire.Code;
import org.junit.jupiter.api.Test;

/// docs/refusals.md tells of every code, once, with the code's own name and status, and of no other.
class RefusalsDocTest {
    private static final Pattern ROW =
            Pattern.compile("\\| (HF-\\d+) \\| `(\\w+)` \\| (\\d+) \\| [^|]{10,} \\| [^|]{10,} \\|");

    @Test
    void everyCodeIsExplained() throws IOException {
        List<String> explained = new ArrayList<>();
        for (String line : Files.readAllLines(HouseTree.root().resolve("docs/refusals.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                explained.add(row.group(1) + " " + row.group(2) + " " + row.group(3));
            }
        }
        List<String> known = Arrays.stream(Code.values())
                .map(code -> code.number() + " " + code.name() + " " + code.status())
                .toList();
        assertThat(explained).containsExactlyElementsOf(known);
    }
}
