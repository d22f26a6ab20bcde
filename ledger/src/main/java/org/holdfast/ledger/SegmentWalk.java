package org.holdfast.ledger;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.holdfast.env.Disk;
import org.holdfast.wire.ChannelId;
import org.jspecify.annotations.Nullable;

/// Reads all records of a directory in order without changing anything; the directory may belong to a running node.
final class SegmentWalk {
    private final Disk disk;
    private final Path blocks;
    private final Visitor visitor;
    private long expected = -1;

    SegmentWalk(Disk disk, Path blocks, Visitor visitor) {
        this.disk = disk;
        this.blocks = blocks;
        this.visitor = visitor;
    }

    /// Is shown what the walk passes.
    interface Visitor {
        void segment(Segment segment, ChannelId channel, long bytes);

        /// A sound record.
        ///
        /// @return what is wrong with the block; ends the walk
        Optional<LedgerFault> block(Segment segment, long offset, StoredBlock block)
                throws InvalidProtocolBufferException;
    }

    /// How a walk ended.
    ///
    /// @param fault the first damage met
    /// @param tail an unfinished last record: being written, or torn by a crash and cut at the next start
    record Ended(Optional<LedgerFault> fault, Optional<LedgerFault.Corrupt> tail) {
        static final Ended WELL = new Ended(Optional.empty(), Optional.empty());

        static Ended badly(LedgerFault fault) {
            return new Ended(Optional.of(fault), Optional.empty());
        }
    }

    Ended run() {
        List<Path> paths = Recovery.segmentPaths(disk, blocks);
        int ordinal = -1;
        for (int i = 0; i < paths.size(); i++) {
            Path path = paths.get(i);
            if (i > 0 && Segment.ordinalOf(path) != ordinal + 1) {
                Path missing = blocks.resolve(Segment.nameOf(ordinal + 1));
                return Ended.badly(new LedgerFault.Corrupt(missing, 0, "the segment is missing"));
            }
            ordinal = Segment.ordinalOf(path);
            Ended ended = segment(path, i == paths.size() - 1);
            if (ended.fault.isPresent() || ended.tail.isPresent()) {
                return ended;
            }
        }
        return Ended.WELL;
    }

    private Ended segment(Path path, boolean last) {
        try (Disk.DiskFile file = disk.openRead(path)) {
            return switch (Segment.open(file)) {
                case Segment.Opened.Sound sound -> {
                    visitor.segment(sound.segment(), sound.channel(), file.size());
                    yield records(sound.segment(), file, last);
                }
                case Segment.Opened.Broken broken ->
                    last && file.size() < Segment.HEADER_BYTES_MAX
                            ? new Ended(Optional.empty(), Optional.of(broken.fault()))
                            : Ended.badly(broken.fault());
                case Segment.Opened.Unusable unusable -> Ended.badly(unusable.fault());
            };
        }
    }

    private Ended records(Segment segment, Disk.DiskFile file, boolean last) {
        if (expected >= 0 && segment.first() != expected) {
            String reason = "it begins with block %d, expected %d".formatted(segment.first(), expected);
            return Ended.badly(new LedgerFault.Corrupt(segment.path(), 16, reason));
        }
        expected = segment.first();
        Records records = new Records(segment, file);
        long offset = segment.headerBytes();
        while (true) {
            switch (records.at(offset)) {
                case Records.Found.Sound sound -> {
                    LedgerFault fault = judge(segment, offset, sound.block());
                    if (fault != null) {
                        return Ended.badly(fault);
                    }
                    offset = sound.next();
                    expected++;
                }
                case Records.Found.End ignored -> {
                    return Ended.WELL;
                }
                case Records.Found.Bad bad -> {
                    boolean tail = last && records.soundAfter(bad.resume(), expected + 1) < 0;
                    return tail ? new Ended(Optional.empty(), Optional.of(bad.fault())) : Ended.badly(bad.fault());
                }
            }
        }
    }

    private @Nullable LedgerFault judge(Segment segment, long offset, StoredBlock block) {
        if (block.number() != expected) {
            String reason = "block %d lies where %d belongs".formatted(block.number(), expected);
            return new LedgerFault.Corrupt(segment.path(), offset, reason);
        }
        try {
            return visitor.block(segment, offset, block).orElse(null);
        } catch (InvalidProtocolBufferException e) {
            String reason = "block %d cannot be decoded: %s".formatted(block.number(), e);
            return new LedgerFault.Corrupt(segment.path(), offset, reason);
        }
    }
}
