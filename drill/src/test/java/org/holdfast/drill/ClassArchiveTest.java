package org.holdfast.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.env.World;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// An archive that the JVM refuses would go unnoticed: nodes start without.
class ClassArchiveTest {
    @Test
    @Tag("slow")
    void theJvmStartsFromTheArchiveAndFromNothingElse() throws IOException, InterruptedException {
        assumeFalse(
                System.getProperty(ClassArchive.PROPERTY, "").isEmpty(),
                "no directory for archives: start with -D" + ClassArchive.PROPERTY);
        List<String> words = ClassArchive.words(World.real());
        assertThat(words).anyMatch(word -> word.startsWith("-XX:SharedArchiveFile="));
        assertThat(ClassArchive.words(World.real())).isEqualTo(words);
        assertThat(exit(words)).isZero();
        // The same without the first jar: -Xshare:on ends a JVM whose archive does not fit.
        assertThat(exit(words.stream()
                        .map(word -> word.equals(words.getLast()) ? word.substring(word.indexOf(':') + 1) : word)
                        .toList()))
                .isNotZero();
    }

    private static int exit(List<String> words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(Sandbox.jvm());
        command.add("-Xshare:on");
        command.addAll(words);
        command.add("-version");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        System.out.println(said);
        return code;
    }
}
