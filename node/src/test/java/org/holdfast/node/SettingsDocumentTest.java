package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// docs/settings.md is what the program's table of keys says. `-Dholdfast.docs.write=true` writes it anew.
class SettingsDocumentTest {
    @Test
    void thePageTellsOfEveryKey() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path root = Files.exists(here.resolve("mvnw")) ? here : here.resolveSibling("");
        Path page = root.resolve("docs/settings.md");
        if (Boolean.getBoolean("holdfast.docs.write")) {
            Files.writeString(page, SettingsDocument.markdown());
        }
        assertThat(Files.readString(page)).isEqualTo(SettingsDocument.markdown());
    }
}
