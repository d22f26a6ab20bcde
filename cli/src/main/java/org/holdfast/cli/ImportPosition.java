package org.holdfast.cli;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.holdfast.env.Chance;
import org.holdfast.env.Disk;
import tools.jackson.core.JacksonException;

/// How far an import has come: everything before the position was acknowledged or has failed for good. Kept in
/// `FILE.import` beside the file, replaced as a whole, deleted when the import is done.
///
/// @param source what is imported, and where to: a position is worth nothing for anything else
/// @param run names this import, also where it goes on after an end: what it sends again it sends under the same ids
/// @param position in the file, bytes
/// @param records before it
@JsonPropertyOrder({"version", "source", "run", "position", "records", "loaded", "failed"})
record ImportPosition(int version, Source source, String run, long position, long records, long loaded, long failed) {
    private static final int VERSION = 2;
    private static final int RUN_BYTES = 12;

    /// @param bytes the file's size
    /// @param into `keyspace:table`; empty where the records say it
    record Source(String file, long bytes, String format, String into) {}

    static ImportPosition begin(Source source, Chance chance) {
        byte[] run = new byte[RUN_BYTES];
        chance.nextBytes(run);
        return new ImportPosition(VERSION, source, HexFormat.of().formatHex(run), 0, 0, 0, 0);
    }

    static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".import");
    }

    /// What an earlier import of the same left behind.
    static Optional<ImportPosition> read(Disk disk, Path file, Source source) {
        Path beside = beside(file);
        if (!disk.exists(beside)) {
            return Optional.empty();
        }
        try {
            ImportPosition kept = Json.read(disk.read(beside), ImportPosition.class);
            if (kept.version == VERSION && source.equals(kept.source)) {
                return Optional.of(kept);
            }
            throw CommandFault.failed(
                    "%s is of an import of something else (%s); delete it to begin anew", beside, kept.source);
        } catch (JacksonException e) {
            throw CommandFault.failed("%s cannot be read: %s; delete it to begin anew", beside, e.getOriginalMessage());
        }
    }

    void keep(Disk disk, Path file) {
        disk.replace(beside(file), (Json.line(this) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
