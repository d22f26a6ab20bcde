package org.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.ChannelId;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTest {
    private static final LedgerSettings SMALL = new LedgerSettings(4096, 0);

    private final World world = World.real();

    @TempDir
    Path directory;

    private Ledger open() {
        return Ledger.open(world, directory, Chain.CHANNEL, SMALL);
    }

    private Path segment(int ordinal) {
        return directory.resolve("blocks").resolve(Segment.nameOf(ordinal));
    }

    private void write(List<StoredBlock> chain) {
        try (Ledger ledger = open()) {
            chain.forEach(ledger::append);
        }
    }

    /// Sets the bytes of a file from an offset on.
    private void overwrite(Path file, long offset, byte... bytes) {
        try (Disk.DiskFile open = world.disk().open(file)) {
            open.write(ByteBuffer.wrap(bytes), offset);
        }
    }

    private void flip(Path file, long offset) throws IOException {
        overwrite(file, offset, (byte) ~Files.readAllBytes(file)[(int) offset]);
    }

    private void cut(Path file, long size) {
        try (Disk.DiskFile open = world.disk().open(file)) {
            open.truncate(size);
        }
    }

    @Test
    @Tag("slow")
    void aTailTornAtAnyByteIsCutAndTheLedgerGoesOn() throws IOException {
        List<StoredBlock> chain = Chain.of(4, 1, 20);
        write(chain);
        Path file = segment(0);
        byte[] whole = Files.readAllBytes(file);
        int last = whole.length - Segment.RECORD_HEADER - chain.get(3).size();
        for (int size = last; size < whole.length; size++) {
            cut(file, size);
            try (Ledger ledger = open()) {
                LedgerTest.agrees(ledger, chain.subList(0, 3));
                assertThat(ledger.transaction(Chain.txId(3, 0))).isEmpty();
                ledger.append(chain.get(3));
                LedgerTest.agrees(ledger, chain);
            }
            assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        }
    }

    @Test
    void aSegmentWhoseHeaderIsTornIsRemoved() throws IOException {
        List<StoredBlock> chain = Chain.of(3, 1, 3000);
        write(chain);
        int header = Segment.headerBytes(Chain.CHANNEL);
        for (int size = 0; size <= header; size++) {
            cut(segment(2), size);
            try (Ledger ledger = open()) {
                LedgerTest.agrees(ledger, chain.subList(0, 2));
                ledger.append(chain.get(2));
                LedgerTest.agrees(ledger, chain);
            }
        }
    }

    @Test
    @Tag("slow")
    void aFlippedBitAnywhereBeforeTheTailIsReportedWithItsPlace() throws IOException {
        List<StoredBlock> chain = Chain.of(4, 1, 20);
        write(chain);
        Path file = segment(0);
        byte[] whole = Files.readAllBytes(file);
        int last = whole.length - Segment.RECORD_HEADER - chain.get(3).size();
        int headers = Segment.headerBytes(Chain.CHANNEL) + Segment.RECORD_HEADER;
        for (int at = 0; at < last; at += at < headers ? 1 : 7) {
            flip(file, at);
            assertThatThrownBy(this::open)
                    .isInstanceOfSatisfying(
                            UnreadableLedger.class,
                            unreadable -> assertThat(unreadable.fault().path()).isEqualTo(file));
            assertThat(LedgerCheck.verify(world, directory).fault()).isPresent();
            overwrite(file, 0, whole);
        }
        try (Ledger ledger = open()) {
            LedgerTest.agrees(ledger, chain);
        }
    }

    @Test
    void damageInAnOlderSegmentIsReportedWhenItIsReadAndByVerify() throws IOException {
        List<StoredBlock> chain = Chain.of(5, 1, 3000);
        write(chain);
        flip(segment(1), 500);
        try (Ledger ledger = open()) {
            assertThat(ledger.block(0)).isEqualTo(chain.getFirst());
            assertThatThrownBy(() -> ledger.block(1))
                    .isInstanceOf(UnreadableLedger.class)
                    .hasMessageContaining(segment(1).toString());
        }
        LedgerCheck.Report report = LedgerCheck.verify(world, directory);
        assertThat(report.height()).isEqualTo(1);
        assertThat(report.fault())
                .hasValueSatisfying(fault -> assertThat(fault)
                        .isEqualTo(new LedgerFault.Corrupt(segment(1), 39, "the checksum of block 1 differs")));
    }

    @Test
    void whatWasNeverForcedMayBeLostInAnyOrder() throws IOException {
        List<StoredBlock> chain = Chain.of(6, 1, 1500);
        Path copy = directory.resolve("copy");
        try (Ledger ledger = open()) {
            chain.subList(0, 2).forEach(ledger::append);
            assertThat(ledger.force()).isEqualTo(2);
            chain.subList(2, 6).forEach(ledger::append);
            copy("durable", "blocks", copy);
        }
        // block 2 is hit although blocks behind it, in its own and the next segment, are sound
        Path file = copy.resolve("blocks").resolve(Segment.nameOf(1));
        flip(file, 300);
        try (Ledger ledger = Ledger.open(world, copy, Chain.CHANNEL, SMALL)) {
            LedgerTest.agrees(ledger, chain.subList(0, 2));
            chain.subList(2, 6).forEach(ledger::append);
            LedgerTest.agrees(ledger, chain);
        }
        assertThat(LedgerCheck.verify(world, copy).sound()).isTrue();
    }

    /// Found by the simulator (seed 74): the power went while two segments were new.
    @Test
    void aSegmentThatWasNeverForcedMayLoseItsHeaderThoughLaterOnesAreThere() throws IOException {
        losesFromBlock(4, copy -> overwrite(copy.resolve("blocks").resolve(Segment.nameOf(2)), 0, new byte[64]));
    }

    @Test
    void aSegmentThatWasNeverForcedMayEndEarlyThoughLaterOnesAreThere() throws IOException {
        losesFromBlock(
                2, copy -> cut(copy.resolve("blocks").resolve(Segment.nameOf(1)), Segment.headerBytes(Chain.CHANNEL)));
    }

    @Test
    void aSegmentThatWasNeverForcedMayBeGoneThoughLaterOnesAreThere() throws IOException {
        losesFromBlock(2, copy -> world.disk().delete(copy.resolve("blocks").resolve(Segment.nameOf(1))));
    }

    private void losesFromBlock(int lost, Consumer<Path> crash) throws IOException {
        List<StoredBlock> chain = Chain.of(8, 1, 1500);
        Path copy = directory.resolve("copy");
        try (Ledger ledger = open()) {
            chain.subList(0, 2).forEach(ledger::append);
            assertThat(ledger.force()).isEqualTo(2);
            chain.subList(2, 8).forEach(ledger::append);
            copy("durable", "blocks", copy);
        }
        crash.accept(copy);
        try (Ledger ledger = Ledger.open(world, copy, Chain.CHANNEL, SMALL)) {
            LedgerTest.agrees(ledger, chain.subList(0, lost));
            chain.subList(lost, 8).forEach(ledger::append);
            LedgerTest.agrees(ledger, chain);
        }
        assertThat(LedgerCheck.verify(world, copy).sound()).isTrue();
    }

    @Test
    void aSegmentThatWasForcedMayNotLoseItsHeader() {
        List<StoredBlock> chain = Chain.of(8, 1, 1500);
        write(chain);
        overwrite(segment(2), 0, new byte[64]);
        assertThatThrownBy(this::open)
                .isInstanceOf(UnreadableLedger.class)
                .hasMessageContaining(segment(2).toString());
        assertThat(world.disk().exists(segment(3))).isTrue();
    }

    private void copy(String mark, String blocks, Path to) throws IOException {
        Files.createDirectories(to.resolve(blocks));
        Files.copy(directory.resolve(mark), to.resolve(mark));
        try (Stream<Path> files = Files.list(directory.resolve(blocks))) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(blocks).resolve(file.getFileName()));
            }
        }
    }

    @Test
    void aMissingIndexIsBuiltFromTheFiles() {
        List<StoredBlock> chain = Chain.of(30, 2, 300);
        write(chain);
        world.disk().deleteTree(directory.resolve("index"));
        assertThat(LedgerCheck.verify(world, directory).index()).isEqualTo(LedgerCheck.IndexState.ABSENT);
        try (Ledger ledger = open()) {
            LedgerTest.agrees(ledger, chain);
        }
        assertThat(LedgerCheck.verify(world, directory).index()).isEqualTo(LedgerCheck.IndexState.AGREES);
    }

    @Test
    void aBrokenIndexIsBuiltFromTheFiles() throws IOException {
        List<StoredBlock> chain = Chain.of(10, 2, 300);
        write(chain);
        Files.write(directory.resolve("index").resolve("CURRENT"), new byte[] {1, 2, 3});
        try (Ledger ledger = open()) {
            LedgerTest.agrees(ledger, chain);
        }
    }

    @Test
    void anIndexAheadOfTheFilesIsTrimmed() {
        List<StoredBlock> chain = Chain.of(12, 2, 300);
        write(chain);
        int gone = world.disk().list(directory.resolve("blocks")).size();
        long first = lastFirst();
        world.disk().delete(segment(gone - 1));
        assertThat(LedgerCheck.verify(world, directory).index()).isEqualTo(LedgerCheck.IndexState.AHEAD);
        try (Ledger ledger = open()) {
            LedgerTest.agrees(ledger, chain.subList(0, (int) first));
            assertThat(ledger.transaction(Chain.txId(first, 1))).isEmpty();
            assertThat(ledger.numberOf(chain.get((int) first).header().hash())).isEmpty();
            // another history from here on must not meet traces of the old one
            ledger.append(Chain.next(chain.get((int) first - 1), 1, 44));
            assertThat(ledger.transaction(Chain.txId(first, 0))).contains(new TxPlace(first, 0));
            assertThat(ledger.transaction(Chain.txId(first, 1))).isEmpty();
        }
        assertThat(LedgerCheck.verify(world, directory).sound()).isTrue();
    }

    private long lastFirst() {
        List<Path> files = world.disk().list(directory.resolve("blocks"));
        try (Disk.DiskFile file = world.disk().openRead(files.getLast())) {
            return ((Segment.Opened.Sound) Segment.open(file)).segment().first();
        }
    }

    @Test
    void anIndexOfAnotherHistoryIsBuiltAnew() throws IOException {
        write(Chain.of(5, 2, 300));
        Path other = directory.resolve("other");
        List<StoredBlock> chain = Chain.of(5, 1, 310);
        try (Ledger ledger = Ledger.open(world, other, Chain.CHANNEL, SMALL)) {
            chain.forEach(ledger::append);
        }
        world.disk().deleteTree(other.resolve("index"));
        Files.move(directory.resolve("index"), other.resolve("index"));
        try (Ledger ledger = Ledger.open(world, other, Chain.CHANNEL, SMALL)) {
            LedgerTest.agrees(ledger, chain);
            assertThat(ledger.transaction(Chain.txId(1, 1))).isEmpty();
        }
    }

    @Test
    void tooNewTooOldAndAnotherChannelAreVerdictsOfTheirOwn() throws IOException {
        write(Chain.of(2, 1, 20));
        byte[] sound = Files.readAllBytes(segment(0));
        withVersion(2);
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        UnreadableLedger.class,
                        e -> assertThat(e.fault()).isEqualTo(new LedgerFault.TooNew(segment(0), 2, 1)));
        withVersion(0);
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        UnreadableLedger.class,
                        e -> assertThat(e.fault()).isEqualTo(new LedgerFault.TooOld(segment(0), 0, 1)));
        overwrite(segment(0), 0, sound);
        assertThatThrownBy(() -> Ledger.open(world, directory, new ChannelId("other"), SMALL))
                .isInstanceOf(UnreadableLedger.class)
                .hasMessageContaining("belongs to channel ch1");
    }

    private void withVersion(int version) throws IOException {
        byte[] bytes = Files.readAllBytes(segment(0));
        ByteBuffer buffer = ByteBuffer.wrap(bytes).putInt(8, version);
        int size = buffer.getInt(12);
        buffer.putInt(size - 4, Segment.crc(bytes, size - 4));
        Files.write(segment(0), bytes);
    }

    @Test
    void aRecordForgedInsideAnEnvelopeDoesNotPassForOne() {
        List<StoredBlock> chain = Chain.of(2, 1, 20);
        StoredBlock later = Chain.of(6, 1, 20).getLast();
        ByteBuffer forged = ByteBuffer.allocate(Segment.RECORD_HEADER + later.size());
        byte[] body = later.bytes().toByteArray();
        new Segment(0, segment(0), 0, 12345L, 0)
                .putRecordHeader(forged, later.number(), body.length, Segment.crc(body, body.length));
        forged.put(Segment.RECORD_HEADER, body);
        List<ByteString> data = List.of(ByteString.copyFrom(forged.rewind()));
        BlockHeader header = BlockHeader.after(chain.getLast().header(), data);
        write(chain);
        long before = size();
        try (Ledger ledger = open()) {
            ledger.append(new StoredBlock(header, BlockBytes.encode(header, data, List.of())));
        }
        // the first page of the last record never reached the disk
        overwrite(segment(0), before, new byte[Segment.RECORD_HEADER]);
        try (Ledger ledger = open()) {
            LedgerTest.agrees(ledger, chain);
        }
    }

    private long size() {
        try (Disk.DiskFile file = world.disk().openRead(segment(0))) {
            return file.size();
        }
    }

    @Test
    void aMissingSegmentIsReported() {
        write(Chain.of(5, 1, 3000));
        world.disk().delete(segment(1));
        assertThatThrownBy(this::open).isInstanceOf(UnreadableLedger.class).hasMessageContaining("missing");
        assertThat(LedgerCheck.verify(world, directory).fault())
                .contains(new LedgerFault.Corrupt(segment(1), 0, "the segment is missing"));
    }
}
