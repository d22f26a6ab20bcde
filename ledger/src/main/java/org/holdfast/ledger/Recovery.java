package org.holdfast.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.wire.ChannelId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings segments and index of a ledger into agreement before it is opened. The files are the truth, the index
/// follows.
///
/// Read are the last segment and every earlier one that is not wholly indexed and forced. A record that is not sound
/// is cut away with everything behind it when nothing sound lies behind it (a torn tail), or when it was never
/// forced: a crash may lose unforced pages in any order, and the ordered log still has those blocks. Anything else is
/// damage and is reported, not repaired.
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Disk disk;
    private final Path blocks;
    private final Path indexPath;
    private final ChannelId channel;
    private final IndexStore.Engine stores;
    private final long durable;

    // of the scan under way
    private long expected;
    private @Nullable StoredBlock tip;
    private long end;
    private @Nullable Lost lost;

    /// @param durable blocks below were forced
    Recovery(Disk disk, Path directory, ChannelId channel, IndexStore.Engine stores, long durable) {
        this.disk = disk;
        this.blocks = directory.resolve(Ledger.BLOCKS);
        this.indexPath = directory.resolve(Ledger.INDEX);
        this.channel = channel;
        this.stores = stores;
        this.durable = durable;
    }

    /// A ledger's files in agreement.
    ///
    /// @param tip the newest block, null in an empty ledger
    /// @param end where the last segment's records end
    /// @param oldestUnforced ordinal of the oldest segment that may hold bytes not yet on the device
    record Recovered(
            List<Segment> segments,
            BlockIndex index,
            @Nullable StoredBlock tip,
            long end,
            int oldestUnforced) {}

    Recovered run() {
        List<Segment> segments = headers();
        BlockIndex index = openIndex();
        try {
            int from = settle(segments, index);
            if (from < 0) {
                LOG.warn("[{}] the index disagrees with the block files and is built anew", channel);
                index.close();
                disk.deleteTree(indexPath);
                index = openIndex();
                from = settle(segments, index);
            }
            dropLost();
            int ordinal = segments.isEmpty() ? 0 : segments.get(from).ordinal();
            return new Recovered(List.copyOf(segments), index, tip, end, ordinal);
        } catch (RuntimeException e) {
            index.close();
            throw e;
        }
    }

    /// The segments up to the first one whose header is not whole or whose file is missing; that one and the later ones
    /// are [#lost].
    private List<Segment> headers() {
        List<Path> paths = segmentPaths(disk, blocks);
        List<Segment> found = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            int want = found.isEmpty()
                    ? Segment.ordinalOf(paths.get(i))
                    : found.getLast().ordinal() + 1;
            if (Segment.ordinalOf(paths.get(i)) != want) {
                Path missing = blocks.resolve(Segment.nameOf(want));
                lost = new Lost(
                        new LedgerFault.Corrupt(missing, 0, "the segment is missing"), paths.subList(i, paths.size()));
                return found;
            }
            boolean last = i == paths.size() - 1;
            switch (header(paths.get(i), last)) {
                case Header.Sound sound -> found.add(sound.segment());
                case Header.Removed removed -> {}
                case Header.Broken broken -> {
                    lost = new Lost(broken.fault(), paths.subList(i, paths.size()));
                    return found;
                }
            }
        }
        return found;
    }

    /// What a file's header came to.
    private sealed interface Header {
        record Sound(Segment segment) implements Header {}

        /// A crash left a part of a header and nothing else.
        record Removed() implements Header {}

        record Broken(LedgerFault.Corrupt fault) implements Header {}
    }

    /// Files without a chain to them.
    ///
    /// @param fault of the first one
    private record Lost(LedgerFault.Corrupt fault, List<Path> paths) {}

    static List<Path> segmentPaths(Disk disk, Path blocks) {
        return disk.list(blocks).stream()
                .filter(path -> Segment.ordinalOf(path) >= 0)
                .sorted(Comparator.comparingInt(Segment::ordinalOf))
                .toList();
    }

    private Header header(Path path, boolean last) {
        long size;
        Segment.Opened opened;
        try (Disk.DiskFile file = disk.openRead(path)) {
            size = file.size();
            opened = Segment.open(file);
        }
        switch (opened) {
            case Segment.Opened.Sound sound -> {
                if (!sound.channel().equals(channel)) {
                    String reason = "it belongs to channel " + sound.channel() + ", not " + channel;
                    throw new UnreadableLedger(new LedgerFault.Corrupt(path, 0, reason));
                }
                return new Header.Sound(sound.segment());
            }
            case Segment.Opened.Broken broken -> {
                if (!last || size > Segment.headerBytes(channel)) {
                    return new Header.Broken(broken.fault());
                }
                LOG.warn("[{}] removing {}: a crash left {} bytes of its header and no block", channel, path, size);
                disk.delete(path);
                return new Header.Removed();
            }
            case Segment.Opened.Unusable unusable -> throw new UnreadableLedger(unusable.fault());
        }
    }

    /// The end of the segment before was lost, so nothing leads to this one and the later ones.
    private void lose(List<Segment> segments, int from, LedgerFault.Corrupt fault) {
        List<Path> paths = new ArrayList<>();
        segments.subList(from, segments.size()).forEach(segment -> paths.add(segment.path()));
        segments.subList(from, segments.size()).clear();
        if (lost != null) {
            paths.addAll(lost.paths);
        }
        lost = new Lost(fault, paths);
    }

    /// What was never forced may come back in parts; anything else is damage.
    private void dropLost() {
        if (lost == null) {
            return;
        }
        if (expected < durable) {
            throw new UnreadableLedger(lost.fault);
        }
        LOG.warn(
                "[{}] removing {} files from {} on, which were never forced: {}",
                channel,
                lost.paths.size(),
                lost.fault.path(),
                lost.fault.reason());
        // From the last one: a crash in between must not leave a gap that looks like damage.
        lost.paths.reversed().forEach(disk::delete);
    }

    private BlockIndex openIndex() {
        try {
            BlockIndex index = new BlockIndex(stores.open(indexPath));
            if (index.isOurs()) {
                return index;
            }
            index.close();
            LOG.warn("[{}] the index has another format and is built anew", channel);
        } catch (IOException e) { // boundary: an index can always be built anew from the blocks
            LOG.warn("[{}] the index does not open and is built anew: {}", channel, e.getMessage());
        }
        disk.deleteTree(indexPath);
        return freshIndex();
    }

    private BlockIndex freshIndex() {
        try {
            return new BlockIndex(stores.open(indexPath));
        } catch (IOException e) {
            throw new DiskFault("creating index", indexPath, e);
        }
    }

    /// Scans, then makes the index follow the files.
    ///
    /// @return position in the list of the segment the scan began with; -1 when the index is of no use
    private int settle(List<Segment> segments, BlockIndex index) {
        if (segments.isEmpty()) {
            expected = 0;
            tip = null;
            if (durable != Mark.UNKNOWN && durable > 0) {
                LOG.error("[{}] blocks up to {} had been forced to disk and all are gone", channel, durable - 1);
            }
            return index.height().isPresent() ? -1 : 0;
        }
        long indexed = index.height().orElse(segments.getFirst().first());
        long sure = Math.min(indexed, durable);
        int from = segments.size() - 1;
        while (from > 0 && segments.get(from).first() >= sure) {
            from--;
        }
        if (!scan(segments, from, index, indexed)) {
            return -1;
        }
        while (tip == null && from > 0) {
            from--;
            if (!scan(segments, from, index, Math.min(indexed, expected))) {
                return -1;
            }
        }
        if (indexed > expected) {
            LOG.warn("[{}] the index knew blocks up to {}, the files end at height {}", channel, indexed - 1, expected);
            index.trim(expected);
        }
        if (durable != Mark.UNKNOWN && durable > expected) {
            LOG.error("[{}] blocks {} to {} had been forced to disk and are gone", channel, expected, durable - 1);
        }
        return from;
    }

    private boolean scan(List<Segment> segments, int from, BlockIndex index, long indexed) {
        tip = null;
        expected = segments.get(from).first();
        for (int i = from; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.first() != expected) {
                String reason = "it begins with block %d, expected %d".formatted(segment.first(), expected);
                if (segment.first() < expected || expected < durable) {
                    throw corrupt(segment, 16, reason);
                }
                lose(segments, i, new LedgerFault.Corrupt(segment.path(), 16, reason));
                break;
            }
            if (!scanSegment(segments, i, index, indexed)) {
                return false;
            }
        }
        StoredBlock last = tip;
        return last == null || index.numberOf(last.header().hash()).orElse(-1) == last.number();
    }

    private boolean scanSegment(List<Segment> segments, int at, BlockIndex index, long indexed) {
        Segment segment = segments.get(at);
        try (Disk.DiskFile file = disk.openRead(segment.path())) {
            Records records = new Records(segment, file);
            end = segment.headerBytes();
            while (true) {
                switch (records.at(end)) {
                    case Records.Found.Sound sound -> {
                        if (!take(segment, sound, index, indexed)) {
                            return false;
                        }
                        end = sound.next();
                    }
                    case Records.Found.End ignored -> {
                        return true;
                    }
                    case Records.Found.Bad bad -> {
                        cut(segments, at, records.soundAfter(bad.resume(), expected + 1), bad, file.size());
                        return true;
                    }
                }
            }
        }
    }

    private boolean take(Segment segment, Records.Found.Sound sound, BlockIndex index, long indexed) {
        StoredBlock block = sound.block();
        if (block.number() != expected) {
            throw corrupt(segment, end, "block %d lies where %d belongs".formatted(block.number(), expected));
        }
        ByteString previous = tip != null ? tip.header().hash() : expected == 0 ? ByteString.EMPTY : null;
        if (previous != null && !block.header().previousHash().equals(previous)) {
            throw corrupt(segment, end, "block %d does not follow the hash of the block before".formatted(expected));
        }
        var location = new BlockIndex.Location(segment.ordinal(), end, block.size());
        if (expected >= indexed) {
            put(segment, index, block, location);
        } else if (!location.equals(index.location(expected))) {
            return false;
        }
        tip = block;
        expected++;
        return true;
    }

    private void put(Segment segment, BlockIndex index, StoredBlock block, BlockIndex.Location location) {
        try {
            index.put(block, block.view().data(), location, block.header().hash());
        } catch (InvalidProtocolBufferException e) {
            throw corrupt(segment, end, "block %d cannot be decoded".formatted(block.number()));
        }
    }

    private void cut(List<Segment> segments, int at, long soundLater, Records.Found.Bad bad, long size) {
        boolean tail = soundLater < 0 && at == segments.size() - 1 && lost == null;
        if (!tail && expected < durable) {
            throw new UnreadableLedger(bad.fault());
        }
        LOG.warn(
                "[{}] cutting {} from byte {} of {} and {} later files: {}; the ledger goes on from height {}",
                channel,
                bad.fault().path(),
                end,
                size,
                segments.size() - 1 - at + (lost == null ? 0 : lost.paths.size()),
                bad.fault().reason(),
                expected);
        while (segments.size() - 1 > at) {
            disk.delete(segments.removeLast().path());
        }
        try (Disk.DiskFile file = disk.open(segments.get(at).path())) {
            file.truncate(end);
        }
    }

    private static UnreadableLedger corrupt(Segment segment, long offset, String reason) {
        return new UnreadableLedger(new LedgerFault.Corrupt(segment.path(), offset, reason));
    }

    /// Indexes blocks that the index lost; the segments are sound.
    ///
    /// @param height blocks below are in the files
    static void reindex(Disk disk, List<Segment> segments, BlockIndex index, long height) {
        long from = index.height()
                .orElse(segments.isEmpty() ? 0 : segments.getFirst().first());
        for (int i = 0; i < segments.size() && from < height; i++) {
            boolean before = i + 1 < segments.size() && segments.get(i + 1).first() <= from;
            if (!before) {
                from = reindex(disk, segments.get(i), index, from, height);
            }
        }
    }

    private static long reindex(Disk disk, Segment segment, BlockIndex index, long from, long height) {
        long next = from;
        long offset = segment.headerBytes();
        try (Disk.DiskFile file = disk.openRead(segment.path())) {
            Records records = new Records(segment, file);
            while (next < height && records.at(offset) instanceof Records.Found.Sound sound) {
                StoredBlock block = sound.block();
                if (block.number() == next) {
                    var location = new BlockIndex.Location(segment.ordinal(), offset, block.size());
                    index.put(
                            block, block.view().data(), location, block.header().hash());
                    next++;
                }
                offset = sound.next();
            }
            return next;
        } catch (InvalidProtocolBufferException e) {
            throw corrupt(segment, offset, "block %d cannot be decoded".formatted(next));
        }
    }
}
