package org.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.wire.BlockHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerCheckTest {
    private static final LedgerSettings SMALL = new LedgerSettings(4096, 0);

    private final World world = World.real();

    @TempDir
    Path directory;

    private Ledger open() {
        return Ledger.open(world, directory, Chain.CHANNEL, SMALL);
    }

    @Test
    void aSoundLedgerIsCounted() {
        List<StoredBlock> chain = Chain.of(9, 2, 700);
        try (Ledger ledger = open()) {
            chain.forEach(ledger::append);
        }
        LedgerCheck.Report report = LedgerCheck.verify(world, directory);
        assertThat(report)
                .isEqualTo(new LedgerCheck.Report(
                        0,
                        9,
                        9,
                        18,
                        chain.stream().mapToLong(StoredBlock::size).sum(),
                        LedgerCheck.IndexState.AGREES,
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void anEmptyLedgerIsSoundAndNoLedgerIsNot() {
        assertThatThrownBy(() -> LedgerCheck.verify(world, directory)).isInstanceOf(DiskFault.class);
        world.disk().createDirectories(directory.resolve("blocks"));
        LedgerCheck.Report report = LedgerCheck.verify(world, directory);
        assertThat(report.sound()).isTrue();
        assertThat(report.height()).isZero();
        assertThat(report.index()).isEqualTo(LedgerCheck.IndexState.ABSENT);
    }

    @Test
    void anOpenLedgerCanBeExaminedAndItsUnwrittenIndexIsNoFault() {
        List<StoredBlock> chain = Chain.of(9, 2, 700);
        try (Ledger ledger = open()) {
            chain.subList(0, 4).forEach(ledger::append);
            assertThat(ledger.force()).isEqualTo(4);
            chain.subList(4, 9).forEach(ledger::append);
            LedgerCheck.Report report = LedgerCheck.verify(world, directory);
            assertThat(report.fault()).isEmpty();
            assertThat(report.height()).isEqualTo(9);
            assertThat(report.index()).isEqualTo(LedgerCheck.IndexState.BEHIND);
        }
    }

    @Test
    void aFalseDataHashIsFoundWithItsPlace() {
        StoredBlock genesis = Chain.next(null, 1, 10);
        BlockHeader header = new BlockHeader(1, genesis.header().hash(), ByteString.copyFromUtf8("false"));
        ByteString bytes = BlockBytes.encode(header, List.of(Chain.envelope("a", 3, 1)), List.of());
        try (Ledger ledger = open()) {
            ledger.append(genesis);
            ledger.append(new StoredBlock(header, bytes));
        }
        LedgerCheck.Report report = LedgerCheck.verify(world, directory);
        Path file = directory.resolve("blocks").resolve("000000.blk");
        long offset = 39L + Segment.RECORD_HEADER + genesis.size();
        assertThat(report.fault())
                .contains(new LedgerFault.Corrupt(file, offset, "block 1: its data hash differs from its data"));
        assertThat(report.height()).isEqualTo(1);
    }

    @Test
    void aFurtherCheckIsAskedAboutEveryBlock() {
        try (Ledger ledger = open()) {
            Chain.of(5, 1, 10).forEach(ledger::append);
        }
        BlockCheck check = (header, block) -> header.number() == 3
                ? Optional.of("unsigned, slot says " + block.slot(0).toStringUtf8())
                : Optional.empty();
        assertThat(LedgerCheck.verify(world, directory, check).fault())
                .hasValueSatisfying(
                        fault -> assertThat(fault).asString().endsWith("block 3: unsigned, slot says signature"));
    }

    @Test
    void aDisagreeingIndexIsFound() throws Exception {
        List<StoredBlock> chain = Chain.of(3, 2, 10);
        try (Ledger ledger = open()) {
            chain.forEach(ledger::append);
        }
        try (BlockIndex index = BlockIndex.open(directory.resolve("index"))) {
            StoredBlock last = chain.getLast();
            index.put(
                    last,
                    List.of(),
                    new BlockIndex.Location(0, 7, 7),
                    last.header().hash());
            index.flush();
        }
        LedgerCheck.Report report = LedgerCheck.verify(world, directory);
        assertThat(report.index()).isEqualTo(LedgerCheck.IndexState.DISAGREES);
        assertThat(report.fault())
                .hasValueSatisfying(fault -> assertThat(fault.path()).isEqualTo(directory.resolve("index")));
        try (Ledger ledger = open()) {
            LedgerTest.agrees(ledger, chain);
        }
    }

    @Test
    void inspectionListsSegmentsAndBlocks() {
        List<StoredBlock> chain = Chain.of(4, 2, 1500);
        try (Ledger ledger = open()) {
            chain.forEach(ledger::append);
        }
        List<LedgerCheck.Line> lines = new ArrayList<>();
        LedgerCheck.Report report = LedgerCheck.inspect(world, directory, lines::add);
        assertThat(report.height()).isEqualTo(4);
        assertThat(lines.stream().filter(LedgerCheck.Line.OfSegment.class::isInstance))
                .hasSize(world.disk().list(directory.resolve("blocks")).size());
        assertThat(lines.stream()
                        .filter(LedgerCheck.Line.OfBlock.class::isInstance)
                        .map(line -> ((LedgerCheck.Line.OfBlock) line).hash()))
                .containsExactlyElementsOf(
                        chain.stream().map(block -> block.header().hash()).toList());
    }
}
