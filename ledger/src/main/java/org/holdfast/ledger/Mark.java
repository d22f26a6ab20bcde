package org.holdfast.ledger;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.holdfast.env.Disk;
import org.holdfast.env.Frame;

/// The file that remembers how far the ledger was forced: a frame of kind `LMRK`, version 1, with the height in 8
/// bytes, big-endian.
final class Mark {
    /// No mark: take every block in the files for forced, so that nothing sound is ever cut.
    static final long UNKNOWN = Long.MAX_VALUE;

    private static final Frame FRAME = new Frame("LMRK", 1, 1);

    private final Disk disk;
    private final Path path;

    Mark(Disk disk, Path directory) {
        this.disk = disk;
        this.path = directory.resolve(Ledger.MARK);
    }

    /// The height below which blocks were forced, or [#UNKNOWN].
    long read() {
        return switch (FRAME.read(disk, path)) {
            case Frame.Verdict.Sound sound ->
                sound.body().length == Long.BYTES
                        ? ByteBuffer.wrap(sound.body()).getLong()
                        : UNKNOWN;
            case Frame.Verdict.Absent absent -> UNKNOWN;
            case Frame.Verdict.Corrupt corrupt -> UNKNOWN;
            case Frame.Verdict.TooOld old ->
                throw new UnreadableLedger(new LedgerFault.TooOld(path, old.version(), old.oldest()));
            case Frame.Verdict.TooNew fresh ->
                throw new UnreadableLedger(new LedgerFault.TooNew(path, fresh.version(), fresh.newest()));
        };
    }

    void write(long height) {
        FRAME.write(disk, path, ByteBuffer.allocate(Long.BYTES).putLong(height).array());
    }
}
