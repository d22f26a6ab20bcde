package org.holdfast.keyspace;

import com.google.errorprone.annotations.FormatMethod;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.holdfast.env.Disk;
import org.holdfast.env.Disk.DiskFile;
import org.holdfast.env.DiskFault;
import org.holdfast.wire.Decode;
import org.holdfast.wire.proto.CheckpointFile;
import org.holdfast.wire.proto.CheckpointHead;
import org.holdfast.wire.proto.CheckpointPart;

/// Reads a checkpoint's parts off a stream into a directory. Nothing is believed: names, sizes and checksums are looked
/// at, and what does not fit ends it. One thread.
final class Incoming {
    /// Bytes that a checkpoint leaves free on the disk.
    static final long FREE_BYTES_LEFT = 512L << 20;

    private static final int FILES_MAX = 1 << 17;
    private static final int CHUNK_MAX = 1 << 20;

    private final Disk disk;
    private final StatePeers.Parts parts;

    Incoming(Disk disk, StatePeers.Parts parts) {
        this.disk = disk;
        this.parts = parts;
    }

    /// What came is no sound checkpoint.
    static final class Unsound extends IOException {
        private static final long serialVersionUID = 1L;

        private Unsound(String text) {
            super(text);
        }
    }

    @FormatMethod
    static void require(boolean right, String otherwise, Object... parts) throws Unsound {
        if (!right) {
            throw new Unsound(otherwise.formatted(parts));
        }
    }

    /// The first part.
    ///
    /// @param applied the last block that is here
    CheckpointHead head(long applied) throws IOException {
        CheckpointPart part = next();
        require(part.hasHead(), "it begins without a head");
        CheckpointHead head = part.getHead();
        require(
                head.getVersion() == Sending.VERSION,
                "it is of version %d, this program knows %d: bring both nodes to the same program",
                head.getVersion(),
                Sending.VERSION);
        require(head.getBlock() > applied, "it is of block %d, and block %d is here", head.getBlock(), applied);
        require(head.getFiles() > 0 && head.getFiles() <= FILES_MAX, "it has %d files", head.getFiles());
        require(head.getBytes() > 0, "it has %d bytes", head.getBytes());
        return head;
    }

    /// All files, and the end. When this returns they are on the device.
    ///
    /// @param come told of bytes as they come
    void files(CheckpointHead head, Path directory, IntConsumer come) throws IOException {
        disk.createDirectories(directory);
        long free = disk.freeBytes(directory);
        if (head.getBytes() > free - FREE_BYTES_LEFT) {
            throw new DiskFault(
                    "making room for a checkpoint of %d MiB (%d MiB are free, %d are left so)"
                            .formatted(head.getBytes() >> 20, free >> 20, FREE_BYTES_LEFT >> 20),
                    directory,
                    null);
        }
        long left = head.getBytes();
        for (int i = 0; i < head.getFiles(); i++) {
            CheckpointPart part = next();
            require(part.hasFile(), "after %d of %d files comes something else", i, head.getFiles());
            CheckpointFile file = part.getFile();
            require(Sending.FILE.matcher(file.getName()).matches(), "a file has a name that none of a state has");
            require(file.getBytes() >= 0 && file.getBytes() <= left, "its files are larger than it says");
            left -= file.getBytes();
            file(file, directory, come);
        }
        require(left == 0, "its files are smaller than it says");
        require(parts.next().isEmpty(), "something comes behind its last file");
        disk.forceDirectory(directory);
    }

    private void file(CheckpointFile file, Path directory, IntConsumer come) throws IOException {
        Path path = directory.resolve(file.getName());
        require(!disk.exists(path), "it has %s twice", file.getName());
        MessageDigest hash = Sending.sha256();
        try (DiskFile out = disk.open(path)) {
            for (long at = 0; at < file.getBytes(); ) {
                CheckpointPart part = next();
                int size = part.getChunk().size();
                require(
                        part.hasChunk() && size > 0 && size <= CHUNK_MAX && size <= file.getBytes() - at,
                        "%s does not come as it says",
                        file.getName());
                hash.update(part.getChunk().asReadOnlyByteBuffer());
                out.write(part.getChunk().asReadOnlyByteBuffer(), at);
                at += size;
                come.accept(size);
            }
            CheckpointPart part = next();
            require(part.hasEnd(), "%s does not end where it says", file.getName());
            byte[] sum = part.getEnd().getSha256().toByteArray();
            require(Arrays.equals(sum, hash.digest()), "the checksum of %s differs", file.getName());
            out.force();
        }
    }

    private CheckpointPart next() throws IOException {
        Optional<ByteString> part = parts.next();
        require(part.isPresent(), "it ends too early");
        try {
            return CheckpointPart.parseFrom(part.get());
        } catch (InvalidProtocolBufferException e) {
            throw new Unsound("a part does not decode: " + Decode.reason(e));
        }
    }
}
