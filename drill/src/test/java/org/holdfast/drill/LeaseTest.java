package org.holdfast.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.env.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a killed drill has left is named, with what removes it; a drill that runs, or has left nothing, is not.
class LeaseTest {
    private static final Path HOME = Path.of(System.getProperty("java.io.tmpdir"));

    @TempDir
    Path directory;

    @Test
    void whatIsLeftIsNamedUntilItIsRemoved() throws IOException {
        Path lost = Files.createDirectory(directory.resolve("holdfast-drill-left"));
        // No process has this id and this beginning.
        Path note = HOME.resolve("holdfast-drill-0bad.lease");
        Files.writeString(
                note,
                "pid %d\nbegan 5\ndirectory %s\n"
                        .formatted(ProcessHandle.current().pid(), lost));
        try {
            assertThat(Lease.leftovers(World.real()))
                    .anySatisfy(line -> assertThat(line).contains("rm -r " + lost, "rm " + note));
            assertThat(note).exists();
            Files.delete(lost);
            assertThat(Lease.leftovers(World.real())).noneMatch(line -> line.contains("0bad"));
            assertThat(note).doesNotExist();
        } finally {
            Files.deleteIfExists(note);
        }
    }

    @Test
    void aDrillThatRunsHasLeftNothing() {
        Site site = new Site(World.real(), "0abc", directory, 3);
        try (Lease lease = Lease.take(site)) {
            assertThat(Lease.leftovers(World.real())).noneMatch(line -> line.contains("0abc"));
            assertThat(HOME.resolve("holdfast-drill-0abc.lease")).exists();
            assertThat(lease).isNotNull();
        }
        assertThat(HOME.resolve("holdfast-drill-0abc.lease")).doesNotExist();
    }
}
