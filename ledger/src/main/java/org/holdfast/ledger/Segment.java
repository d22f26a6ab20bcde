package org.holdfast.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.holdfast.env.Disk;
import org.holdfast.wire.ChannelId;

/// One file of blocks and its format, version 1. Numbers are big-endian.
///
/// File header:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 4 | magic `HFST` |
/// | 4 | 4 | kind `BLKS` |
/// | 8 | 4 | version |
/// | 12 | 4 | size of this header, checksum included (this and all above stay in every version) |
/// | 16 | 8 | number of the first block |
/// | 24 | 8 | salt, random per file |
/// | 32 | n | channel, ASCII |
/// | 32+n | 4 | CRC-32C of everything before it |
///
/// Record, one per block, back to back:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 4 | magic `HFBR` |
/// | 4 | 4 | flags, 0 |
/// | 8 | 8 | block number |
/// | 16 | 4 | length of the body |
/// | 20 | 4 | CRC-32C of the body |
/// | 24 | 4 | CRC-32C of the file's salt and the 24 bytes before |
/// | 28 | n | body: serialized `common.Block` |
///
/// The salt keeps a client from hiding something that looks like a record inside an envelope.
///
/// @param ordinal which file, from 0; its name
/// @param first number of its first block
/// @param salt see above
/// @param headerBytes where the first record begins
record Segment(int ordinal, Path path, long first, long salt, int headerBytes) {
    static final int VERSION = 1;
    static final int OLDEST = 1;
    static final int RECORD_HEADER = 28;
    static final int RECORD_MAGIC = 0x48464252;
    private static final int MAGIC = 0x48465354;
    private static final int KIND = 0x424c4b53;
    private static final int FIXED = 32;
    private static final int CHANNEL_MAX = 249;
    static final int HEADER_BYTES_MAX = FIXED + CHANNEL_MAX + 4;
    private static final String SUFFIX = ".blk";

    static String nameOf(int ordinal) {
        return String.format(Locale.ROOT, "%06d%s", ordinal, SUFFIX);
    }

    /// The ordinal a file's name says, -1 when it is no segment.
    static int ordinalOf(Path path) {
        String name = path.getFileName().toString();
        if (!name.matches("[0-9]{6,9}\\.blk")) {
            return -1;
        }
        return Integer.parseInt(name.substring(0, name.length() - SUFFIX.length()));
    }

    /// Size of the header of a channel's segments.
    static int headerBytes(ChannelId channel) {
        return FIXED + channel.name().length() + 4;
    }

    static ByteBuffer header(ChannelId channel, long first, long salt) {
        byte[] name = channel.name().getBytes(StandardCharsets.US_ASCII);
        int size = FIXED + name.length + 4;
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putInt(MAGIC)
                .putInt(KIND)
                .putInt(VERSION)
                .putInt(size)
                .putLong(first)
                .putLong(salt)
                .put(name);
        out.putInt(crc(out.array(), size - 4));
        return out.flip();
    }

    /// What a file's header says.
    sealed interface Opened {
        record Sound(Segment segment, ChannelId channel) implements Opened {}

        /// Not a whole header; what a crash while creating leaves, or damage.
        record Broken(LedgerFault.Corrupt fault) implements Opened {}

        record Unusable(LedgerFault fault) implements Opened {}
    }

    static Opened open(Disk.DiskFile file) {
        Path path = file.path();
        ByteBuffer in = ByteBuffer.allocate(HEADER_BYTES_MAX);
        int got = file.read(in, 0);
        if (got < FIXED || in.getInt(0) != MAGIC || in.getInt(4) != KIND) {
            return broken(path, 0, "no segment header");
        }
        int version = in.getInt(8);
        int size = in.getInt(12);
        if (version == VERSION && (size <= FIXED + 4 || size > got)) {
            return broken(path, 12, "the header's size is " + size);
        }
        if (size <= FIXED + 4 || size > got || in.getInt(size - 4) != crc(in.array(), size - 4)) {
            return broken(path, 0, "the header's checksum differs");
        }
        if (version < OLDEST) {
            return new Opened.Unusable(new LedgerFault.TooOld(path, version, OLDEST));
        }
        if (version > VERSION) {
            return new Opened.Unusable(new LedgerFault.TooNew(path, version, VERSION));
        }
        String name = new String(in.array(), FIXED, size - FIXED - 4, StandardCharsets.US_ASCII);
        if (!ChannelId.isValid(name)) {
            return broken(path, FIXED, "'" + name + "' is not a channel");
        }
        Segment segment = new Segment(ordinalOf(path), path, in.getLong(16), in.getLong(24), size);
        return new Opened.Sound(segment, new ChannelId(name));
    }

    /// Writes a record's header over the first bytes of a buffer.
    void putRecordHeader(ByteBuffer out, long number, int length, int bodyCrc) {
        out.putInt(0, RECORD_MAGIC).putInt(4, 0).putLong(8, number).putInt(16, length);
        out.putInt(20, bodyCrc).putInt(24, recordCrc(out, 0));
    }

    /// Whether the bytes at `at` are a record header of this file.
    boolean isRecordHeader(ByteBuffer in, int at) {
        return in.getInt(at) == RECORD_MAGIC && in.getInt(at + 16) >= 0 && in.getInt(at + 24) == recordCrc(in, at);
    }

    private int recordCrc(ByteBuffer bytes, int at) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(8).putLong(salt).flip());
        crc.update(bytes.duplicate().limit(at + RECORD_HEADER - 4).position(at));
        return (int) crc.getValue();
    }

    static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static Opened broken(Path path, long offset, String reason) {
        return new Opened.Broken(new LedgerFault.Corrupt(path, offset, reason));
    }
}
