package org.holdfast.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.ChannelId;
import org.jspecify.annotations.Nullable;

/// Examines a ledger's directory from outside, reading only. The directory may belong to a running node; an unfinished
/// last record is then no fault.
public final class LedgerCheck {
    private LedgerCheck() {}

    /// How the index stands to the block files.
    public enum IndexState {
        /// Not looked at.
        UNCHECKED,
        /// Every block and transaction is where the index says.
        AGREES,
        /// Agrees as far as it goes; a running node has not written all of it out, or the next start will complete it.
        BEHIND,
        /// Knows blocks the files do not have; the next start trims it.
        AHEAD,
        /// There is none; the next start builds it.
        ABSENT,
        /// Could not be read, as when a running node rewrites it at this moment.
        UNREADABLE,
        /// Says something else than the files.
        DISAGREES
    }

    /// What was found.
    ///
    /// @param first number of the first block
    /// @param height number behind the last sound block
    /// @param blocks sound blocks
    /// @param transactions envelopes in them
    /// @param bytes size of the serialized blocks
    /// @param index how the index stands
    /// @param tail an unfinished last record, which the next start cuts
    /// @param fault the first damage, with path and offset; blocks behind it were not examined
    public record Report(
            long first,
            long height,
            long blocks,
            long transactions,
            long bytes,
            IndexState index,
            Optional<LedgerFault.Corrupt> tail,
            Optional<LedgerFault> fault) {
        /// Whether nothing is damaged.
        public boolean sound() {
            return fault.isEmpty();
        }
    }

    /// What `inspect` shows, in the order of the files.
    public sealed interface Line {
        /// A file of blocks.
        record OfSegment(Path path, ChannelId channel, long first, long bytes) implements Line {}

        /// A block.
        ///
        /// @param hash of the header
        /// @param bytes size of the serialized block
        /// @param offset of its record in the segment before
        record OfBlock(BlockHeader header, ByteString hash, int transactions, int bytes, long offset) implements Line {}
    }

    /// Verifies checksums, number and hash chain, data hashes and the index.
    public static Report verify(World world, Path directory) {
        return verify(world, directory, BlockCheck.NONE);
    }

    /// Verifies as [#verify(World, Path)] does and asks a further check about every block.
    ///
    /// @throws DiskFault when there is no ledger in the directory
    public static Report verify(World world, Path directory, BlockCheck check) {
        requireLedger(world, directory);
        Path indexPath = directory.resolve(Ledger.INDEX);
        boolean present = world.disk().exists(indexPath);
        try (IndexView index =
                present ? IndexView.open(indexPath) : new IndexView(indexPath, null, IndexState.ABSENT)) {
            Counter counter = new Counter(line -> {}, index, check);
            SegmentWalk.Ended ended = new SegmentWalk(world.disk(), directory.resolve(Ledger.BLOCKS), counter).run();
            return counter.report(index.state(counter.height), ended);
        }
    }

    /// Lists segments and blocks, as far as they are sound.
    ///
    /// @throws DiskFault when there is no ledger in the directory
    public static Report inspect(World world, Path directory, Consumer<Line> lines) {
        requireLedger(world, directory);
        try (IndexView none = new IndexView(directory, null, IndexState.UNCHECKED)) {
            Counter counter = new Counter(lines, none, BlockCheck.NONE);
            SegmentWalk.Ended ended = new SegmentWalk(world.disk(), directory.resolve(Ledger.BLOCKS), counter).run();
            return counter.report(IndexState.UNCHECKED, ended);
        }
    }

    private static void requireLedger(World world, Path directory) {
        if (!world.disk().exists(directory.resolve(Ledger.BLOCKS))) {
            throw new DiskFault("looking for a ledger in", directory, new IOException("there is no blocks directory"));
        }
    }

    /// Follows a walk, judges each block and counts.
    private static final class Counter implements SegmentWalk.Visitor {
        private final Consumer<Line> lines;
        private final IndexView index;
        private final BlockCheck check;
        private long first = -1;
        private long height;
        private long transactions;
        private long bytes;
        private @Nullable ByteString previous;
        private boolean strange;

        private Counter(Consumer<Line> lines, IndexView index, BlockCheck check) {
            this.lines = lines;
            this.index = index;
            this.check = check;
        }

        @Override
        public void segment(Segment segment, ChannelId channel, long size) {
            if (first < 0) {
                first = segment.first();
                height = first;
                previous = first == 0 ? ByteString.EMPTY : null;
            }
            lines.accept(new Line.OfSegment(segment.path(), channel, segment.first(), size));
        }

        @Override
        public Optional<LedgerFault> block(Segment segment, long offset, StoredBlock block)
                throws InvalidProtocolBufferException {
            BlockHeader header = block.header();
            BlockView view = block.view();
            ByteString hash = header.hash();
            Optional<String> wrong = chainFault(view).or(() -> check.fault(header, view));
            if (wrong.isPresent()) {
                String reason = "block %d: %s".formatted(block.number(), wrong.get());
                return Optional.of(new LedgerFault.Corrupt(segment.path(), offset, reason));
            }
            var location = new BlockIndex.Location(segment.ordinal(), offset, block.size());
            Optional<LedgerFault> disagreement = index.fault(block, view.data(), location, hash);
            strange = disagreement.isPresent();
            previous = hash;
            height++;
            transactions += view.data().size();
            bytes += block.size();
            lines.accept(new Line.OfBlock(header, hash, view.data().size(), block.size(), offset));
            return disagreement;
        }

        private Optional<String> chainFault(BlockView view) {
            if (previous != null && !view.header().previousHash().equals(previous)) {
                return Optional.of("it does not follow the hash of the block before");
            }
            return view.dataHashHolds() ? Optional.empty() : Optional.of("its data hash differs from its data");
        }

        private Report report(IndexState state, SegmentWalk.Ended ended) {
            long from = Math.max(first, 0);
            return new Report(
                    from,
                    height,
                    height - from,
                    transactions,
                    bytes,
                    strange ? IndexState.DISAGREES : state,
                    ended.tail(),
                    ended.fault());
        }
    }

    /// The index as it was when the check began, if it could be opened.
    private static final class IndexView implements AutoCloseable {
        private final Path path;
        private final @Nullable BlockIndex index;
        private final IndexState without;
        private long indexed;
        private boolean unreadable;

        private IndexView(Path path, @Nullable BlockIndex index, IndexState without) {
            this.path = path;
            this.index = index;
            this.without = without;
            this.indexed = index == null ? 0 : index.height().orElse(0);
        }

        static IndexView open(Path path) {
            try {
                return new IndexView(path, BlockIndex.openRead(path), IndexState.UNREADABLE);
            } catch (IOException e) {
                return new IndexView(path, null, IndexState.UNREADABLE);
            }
        }

        IndexState state(long height) {
            if (index == null || unreadable) {
                return without;
            }
            return indexed == height ? IndexState.AGREES : indexed < height ? IndexState.BEHIND : IndexState.AHEAD;
        }

        Optional<LedgerFault> fault(
                StoredBlock block, List<ByteString> data, BlockIndex.Location location, ByteString hash) {
            if (index == null || unreadable || block.number() >= indexed) {
                return Optional.empty();
            }
            try {
                String wrong = disagreement(index, block.number(), data, location, hash);
                return wrong == null
                        ? Optional.empty()
                        : Optional.of(
                                new LedgerFault.Corrupt(path, 0, "block %d: %s".formatted(block.number(), wrong)));
            } catch (DiskFault e) { // a running node removed a file of the index under us
                unreadable = true;
                return Optional.empty();
            }
        }

        private static @Nullable String disagreement(
                BlockIndex index, long number, List<ByteString> data, BlockIndex.Location location, ByteString hash) {
            BlockIndex.Location told = index.location(number);
            if (!location.equals(told)) {
                return "it lies at %s, the index says %s".formatted(location, told);
            }
            if (index.numberOf(hash).orElse(-1) != number) {
                return "its hash leads elsewhere";
            }
            for (int i = 0; i < data.size(); i++) {
                String id = BlockIndex.transactionId(data.get(i));
                TxPlace place = id.isEmpty() ? null : index.transaction(id);
                boolean earlier =
                        place != null && (place.block() < number || (place.block() == number && place.position() <= i));
                if (!id.isEmpty() && !earlier) {
                    return "transaction %s at position %d is not indexed".formatted(id, i);
                }
            }
            return null;
        }

        @Override
        public void close() {
            if (index != null) {
                index.close();
            }
        }
    }
}
