package org.holdfast.keyspace;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.holdfast.env.Disk.DiskFile;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Invariant;
import org.holdfast.env.World;
import org.holdfast.state.ShardState;
import org.holdfast.state.StateCopy;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.CheckpointFile;
import org.holdfast.wire.proto.CheckpointFileEnd;
import org.holdfast.wire.proto.CheckpointHead;
import org.holdfast.wire.proto.CheckpointPart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends checkpoints of this node's states to other members: each one made for the member that asks, mostly of links
/// to the state's own files, and deleted afterwards. Any thread; whoever calls is held up by the reader.
final class Sending {
    /// Checkpoints on their way at a time, over all shards.
    static final int AT_ONCE = 2;

    /// Bytes of a file in one part.
    static final int CHUNK_BYTES = 256 << 10;

    /// Longest time for one checkpoint.
    static final Duration MOST = Duration.ofHours(1);

    static final int VERSION = 1;

    /// Files that a state needs to be opened, as RocksDB names them.
    static final Pattern FILE = Pattern.compile("CURRENT|MANIFEST-[0-9]{1,20}|[0-9]{1,20}\\.(sst|log)");

    private static final Logger LOG = LoggerFactory.getLogger(Sending.class);

    private final World world;
    private final Semaphore free = new Semaphore(AT_ONCE);

    Sending(World world) {
        this.world = world;
    }

    private record Piece(Path path, long bytes) {}

    /// Sends a checkpoint that is newer than what the reader has.
    ///
    /// @param applied the last block that the reader has
    /// @throws E as the sink does; throws [Refusal.Refused] when there is no newer one, or too much is sent already
    <E extends Exception> void send(Shard shard, long applied, Keyspaces.Sink<E> sink) throws E {
        ShardState state = shard.state()
                .orElseThrow(() -> Refusal.of(Code.SHARD_NOT_HERE, "%s is not open at this node", shard.name())
                        .asException());
        if (state.appliedBlock() <= applied) {
            throw Refusal.of(
                            Code.STATE_BEHIND,
                            "the state at this node is at block %d, no newer than yours",
                            state.appliedBlock())
                    .asException();
        }
        if (!free.tryAcquire()) {
            throw Refusal.of(
                            Code.OVERLOADED,
                            "this node sends %d checkpoints already: ask another one, or later",
                            AT_ONCE)
                    .asException();
        }
        Path directory = shard.dirs().outgoing();
        try {
            state.checkpoint(directory);
            send(directory, shard.name(), sink);
        } finally {
            free.release();
            world.disk().deleteTree(directory);
        }
    }

    private <E extends Exception> void send(Path directory, ShardName name, Keyspaces.Sink<E> sink) throws E {
        StateCopy.Seal seal = seal(directory);
        List<Piece> pieces = pieces(directory);
        long bytes = pieces.stream().mapToLong(Piece::bytes).sum();
        LOG.info("A checkpoint of {} at block {} is sent: {} bytes", name, seal.block(), bytes);
        CheckpointHead.Builder head = CheckpointHead.newBuilder()
                .setVersion(VERSION)
                .setBlock(seal.block())
                .setFiles(pieces.size())
                .setBytes(bytes);
        seal.digest().ifPresent(digest -> head.setDigest(ByteString.copyFrom(digest.digest())));
        sink.part(CheckpointPart.newBuilder().setHead(head).build().toByteString());
        long until = world.clock().nanos() + MOST.toNanos();
        for (Piece piece : pieces) {
            send(piece, until, sink);
        }
    }

    private <E extends Exception> void send(Piece piece, long until, Keyspaces.Sink<E> sink) throws E {
        CheckpointFile file = CheckpointFile.newBuilder()
                .setName(String.valueOf(piece.path().getFileName()))
                .setBytes(piece.bytes())
                .build();
        sink.part(CheckpointPart.newBuilder().setFile(file).build().toByteString());
        MessageDigest hash = sha256();
        try (DiskFile in = world.disk().openRead(piece.path())) {
            for (long at = 0; at < piece.bytes(); ) {
                if (world.clock().nanos() - until > 0) {
                    throw Refusal.of(Code.READER_TOO_SLOW, "the checkpoint took longer than %d s", MOST.toSeconds())
                            .asException();
                }
                byte[] chunk = new byte[Math.toIntExact(Math.min(CHUNK_BYTES, piece.bytes() - at))];
                int read = in.read(ByteBuffer.wrap(chunk), at);
                Invariant.check(read == chunk.length, "%s has shrunk", piece.path());
                hash.update(chunk);
                ByteString part = ByteString.copyFrom(chunk);
                sink.part(CheckpointPart.newBuilder().setChunk(part).build().toByteString());
                at += read;
            }
        }
        CheckpointFileEnd end = CheckpointFileEnd.newBuilder()
                .setSha256(ByteString.copyFrom(hash.digest()))
                .build();
        sink.part(CheckpointPart.newBuilder().setEnd(end).build().toByteString());
    }

    private static StateCopy.Seal seal(Path directory) {
        try {
            return StateCopy.seal(directory);
        } catch (IOException e) {
            throw new DiskFault("reading a checkpoint", directory, e);
        }
    }

    private List<Piece> pieces(Path directory) {
        List<Piece> pieces = new ArrayList<>();
        for (Path path : world.disk().list(directory)) {
            if (FILE.matcher(String.valueOf(path.getFileName())).matches()) {
                try (DiskFile file = world.disk().openRead(path)) {
                    pieces.add(new Piece(path, file.size()));
                }
            }
        }
        return pieces;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw Invariant.broken("every JDK has SHA-256: %s", e);
        }
    }
}
