package org.holdfast.ledger;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.wire.ChannelId;
import org.jspecify.annotations.Nullable;

/// Appends records to the newest segment, in the page cache only. Owned by the thread that appends; others read
/// [#segments].
///
/// What a failed write left behind the last whole record is cut before the next one, so appending goes on when a full
/// disk has room again.
final class SegmentWriter implements AutoCloseable {
    private static final int CHUNK_BYTES = 128 << 10;

    private final World world;
    private final Path directory;
    private final ChannelId channel;
    private final long segmentBytes;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    private volatile List<Segment> segments;
    private Disk.@Nullable DiskFile file;
    private long end;
    private boolean torn;

    /// What is there already.
    ///
    /// @param end where the last segment's records end
    record Written(List<Segment> segments, long end) {}

    SegmentWriter(World world, Path directory, ChannelId channel, long segmentBytes, Written written) {
        this.world = world;
        this.directory = directory;
        this.channel = channel;
        this.segmentBytes = segmentBytes;
        this.segments = List.copyOf(written.segments());
        this.end = written.end();
        this.file = written.segments().isEmpty()
                ? null
                : world.disk().open(written.segments().getLast().path());
    }

    /// All segments, oldest first.
    List<Segment> segments() {
        return segments;
    }

    /// Appends a block's record.
    BlockIndex.Location append(long number, ByteString bytes) {
        cutTorn();
        long size = Segment.RECORD_HEADER + (long) bytes.size();
        Disk.DiskFile target = file;
        if (target == null || isFull(size)) {
            target = roll(number);
        }
        Segment segment = segments.getLast();
        long offset = end;
        torn = true;
        write(target, segment, number, bytes);
        torn = false;
        end = offset + size;
        return new BlockIndex.Location(segment.ordinal(), offset, bytes.size());
    }

    /// Takes the newest record back.
    void undo(BlockIndex.Location newest) {
        end = newest.offset();
        torn = true;
    }

    private void cutTorn() {
        if (torn && file != null) {
            file.truncate(end);
            torn = false;
        }
    }

    private boolean isFull(long size) {
        return end > segments.getLast().headerBytes() && end + size > segmentBytes;
    }

    private Disk.DiskFile roll(long first) {
        int ordinal = segments.isEmpty() ? 0 : segments.getLast().ordinal() + 1;
        Path path = directory.resolve(Segment.nameOf(ordinal));
        long salt = world.chance().nextLong();
        ByteBuffer header = Segment.header(channel, first, salt);
        Segment segment = new Segment(ordinal, path, first, salt, header.remaining());
        Disk.DiskFile fresh = world.disk().open(path);
        try {
            fresh.truncate(0);
            fresh.write(header, 0);
        } catch (DiskFault e) {
            fresh.close();
            world.disk().delete(path);
            throw e;
        }
        Disk.DiskFile old = file;
        file = fresh;
        end = segment.headerBytes();
        List<Segment> all = new ArrayList<>(segments);
        all.add(segment);
        segments = List.copyOf(all);
        if (old != null) {
            old.close();
        }
        return fresh;
    }

    private void write(Disk.DiskFile target, Segment segment, long number, ByteString bytes) {
        List<ByteBuffer> parts = bytes.asReadOnlyByteBufferList();
        CRC32C crc = new CRC32C();
        for (ByteBuffer part : parts) {
            crc.update(part.duplicate());
        }
        chunk.clear();
        segment.putRecordHeader(chunk, number, bytes.size(), (int) crc.getValue());
        chunk.position(Segment.RECORD_HEADER);
        long at = end;
        for (ByteBuffer part : parts) {
            int done = part.position();
            while (done < part.limit()) {
                int count = Math.min(chunk.remaining(), part.limit() - done);
                chunk.put(chunk.position(), part, done, count).position(chunk.position() + count);
                done += count;
                if (!chunk.hasRemaining()) {
                    at += flush(target, at);
                }
            }
        }
        at += flush(target, at);
    }

    private int flush(Disk.DiskFile target, long at) {
        chunk.flip();
        int count = chunk.remaining();
        target.write(chunk, at);
        chunk.clear();
        return count;
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
