package org.holdfast.state;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Invariant;
import org.holdfast.wire.Decode;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/// A copy of a shard's state in a directory of its own, as [ShardState#checkpoint] makes one: made here for another
/// node, or come from one. Nobody has it open meanwhile.
public final class StateCopy {
    /// Records looked at before other threads get their turn.
    private static final int TURN = 256;

    private StateCopy() {}

    /// What a copy is of.
    ///
    /// @param block the last block whose commands are in it; -1 before the first
    /// @param digest of its content; empty when none is kept
    public record Seal(long block, Optional<BlockDigest> digest) {}

    /// What a copy says it is. Its files stay as they are.
    ///
    /// @throws StateUnusable when it is none
    /// @throws IOException when RocksDB refuses the directory
    public static Seal seal(Path directory) throws IOException {
        Rocks rocks = Rocks.look(directory);
        try {
            Header header = Header.decode(rocks.now().get(Layout.header()));
            byte[] digest = header.digest() ? rocks.now().get(Layout.digest(header.block())) : null;
            return new Seal(
                    header.block(), Optional.ofNullable(digest).map(bytes -> new BlockDigest(header.block(), bytes)));
        } finally {
            rocks.close();
        }
    }

    /// Reads a copy through that came from another node, and believes nothing it says of itself: the digest is added up
    /// from its content, and what can be told from the content (indexes, orders, sums, counts) has to be as the content
    /// says. The digests after earlier blocks are forgotten: they were not reckoned here. When this returns the copy
    /// is on the device.
    ///
    /// @return its block, and the digest of its content as it was found
    /// @throws StateUnusable when something in it contradicts itself
    /// @throws IOException when RocksDB refuses the directory
    public static Seal examine(Path directory, ShardState.Options options) throws IOException {
        Rocks rocks = Rocks.open(directory);
        try {
            Header header = Header.decode(rocks.now().get(Layout.header()));
            if (header.digest() != options.digest()) {
                throw wrong(options.digest() ? "it keeps no digest" : "it keeps a digest");
            }
            Seal seal = rocks.atOneMoment(store -> examine(new Polite(store), header));
            rocks.keepOneDigest(header.block());
            rocks.sync();
            return seal;
        } catch (CopyCheck.Wrong e) {
            throw wrong(Decode.reason(e));
        } catch (Invariant | BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
            // Bytes that no program of ours has written.
            throw wrong(Decode.reason(e));
        } catch (DiskFault e) {
            if (e.getCause() != null && e.getCause().getCause() instanceof RocksDBException cause && isCorrupt(cause)) {
                throw wrong(Decode.reason(e));
            }
            throw e;
        } finally {
            rocks.close();
        }
    }

    private static boolean isCorrupt(RocksDBException e) {
        return e.getStatus() != null && e.getStatus().getCode() == Status.Code.Corruption;
    }

    private static StateUnusable wrong(String text) {
        return new StateUnusable(StateUnusable.Verdict.CORRUPT, text);
    }

    private static Seal examine(Store store, Header header) {
        new CopyCheck(store, header).run();
        if (!header.digest()) {
            return new Seal(header.block(), Optional.empty());
        }
        LatticeSum total = DigestBook.recount(store, (generation, sum) -> {
            byte[] kept = store.get(Layout.sum(generation));
            byte[] counted = sum.bytes();
            boolean same =
                    kept == null ? Arrays.equals(counted, new byte[LatticeSum.BYTES]) : Arrays.equals(counted, kept);
            CopyCheck.require(same, "the sum of a collection is not that of its members");
        });
        byte[] kept = store.get(Layout.total());
        CopyCheck.require(kept != null && Arrays.equals(total.bytes(), kept), "its total is not that of its content");
        byte[] digest = total.digest(Layout.sha256());
        byte[] noted = store.get(Layout.digest(header.block()));
        CopyCheck.require(
                noted != null && Arrays.equals(digest, noted), "the digest noted for its block is not its content's");
        return new Seal(header.block(), Optional.of(new BlockDigest(header.block(), digest)));
    }

    /// A store that is read through for a long time by a thread which shares its processor with others.
    private record Polite(Store store) implements Store {
        @Override
        public byte @Nullable [] get(byte[] key) {
            return store.get(key);
        }

        @Override
        public void up(byte[] from, byte[] to, Visitor visitor) {
            store.up(from, to, polite(visitor));
        }

        @Override
        public void down(byte[] from, byte[] to, Visitor visitor) {
            store.down(from, to, polite(visitor));
        }

        // Virtual threads are not taken off their processor: without this, others would wait for the whole of it.
        @SuppressWarnings("ThreadPriorityCheck")
        private static Visitor polite(Visitor visitor) {
            int[] left = {TURN};
            return (key, value) -> {
                if (--left[0] == 0) {
                    left[0] = TURN;
                    Thread.yield();
                }
                return visitor.visit(key, value);
            };
        }
    }
}
