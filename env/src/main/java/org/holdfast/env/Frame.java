package org.holdfast.env;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// A small file that says what it is: used for every file the node rewrites whole.
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 4 | magic `HFST` |
/// | 4 | 4 | kind, four ASCII letters |
/// | 8 | 4 | version, big-endian |
/// | 12 | 4 | body length, big-endian |
/// | 16 | n | body |
/// | 16+n | 4 | CRC-32C of everything before it, big-endian |
public final class Frame {
    private static final byte[] MAGIC = "HFST".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER = 16;
    private static final int TRAILER = 4;

    private final String kind;
    private final int oldest;
    private final int newest;

    /// @param kind four ASCII letters
    /// @param oldest the oldest version that is still read
    /// @param newest the version that is written
    public Frame(String kind, int oldest, int newest) {
        Invariant.check(kind.matches("[A-Za-z]{4}"), "a frame's kind has four ASCII letters: %s", kind);
        Invariant.check(oldest >= 1 && oldest <= newest, "frame versions %s..%s", oldest, newest);
        this.kind = kind;
        this.oldest = oldest;
        this.newest = newest;
    }

    /// Writes the file as one durable step.
    public void write(Disk disk, Path path, byte[] body) {
        ByteBuffer out = ByteBuffer.allocate(HEADER + body.length + TRAILER);
        out.put(MAGIC)
                .put(kind.getBytes(StandardCharsets.US_ASCII))
                .putInt(newest)
                .putInt(body.length)
                .put(body);
        out.putInt(checksum(out.array(), HEADER + body.length));
        disk.replace(path, out.array());
    }

    /// Reads the file back.
    public Verdict read(Disk disk, Path path) {
        if (!disk.exists(path)) {
            return new Verdict.Absent(path);
        }
        byte[] bytes = disk.read(path);
        if (bytes.length < HEADER + TRAILER || !Arrays.equals(bytes, 0, 4, MAGIC, 0, 4)) {
            return new Verdict.Corrupt(path, "no frame header");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        String found = new String(bytes, 4, 4, StandardCharsets.US_ASCII);
        int version = in.getInt(8);
        int length = in.getInt(12);
        if (length != bytes.length - HEADER - TRAILER) {
            return new Verdict.Corrupt(
                    path, "length says %d, file holds %d".formatted(length, bytes.length - HEADER - TRAILER));
        }
        if (in.getInt(HEADER + length) != checksum(bytes, HEADER + length)) {
            return new Verdict.Corrupt(path, "checksum differs");
        }
        if (!found.equals(kind)) {
            return new Verdict.Corrupt(path, "kind is %s, expected %s".formatted(found, kind));
        }
        if (version < oldest) {
            return new Verdict.TooOld(path, version, oldest);
        }
        if (version > newest) {
            return new Verdict.TooNew(path, version, newest);
        }
        return new Verdict.Sound(version, Arrays.copyOfRange(bytes, HEADER, HEADER + length));
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /// What reading a framed file gave.
    public sealed interface Verdict {
        /// The body, as written by a program of that version.
        record Sound(int version, byte[] body) implements Verdict {}

        /// There is no such file.
        record Absent(Path path) implements Verdict {}

        /// The bytes are not what was written.
        record Corrupt(Path path, String reason) implements Verdict {}

        /// Written by a version this program no longer reads.
        record TooOld(Path path, int version, int oldest) implements Verdict {}

        /// Written by a newer program.
        record TooNew(Path path, int version, int newest) implements Verdict {}
    }
}
