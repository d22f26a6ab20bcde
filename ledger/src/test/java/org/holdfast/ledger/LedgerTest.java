package org.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Invariant;
import org.holdfast.env.World;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    private final World world = World.real();

    @TempDir
    Path directory;

    private Ledger open() {
        return Ledger.open(world, directory, Chain.CHANNEL, LedgerSettings.DEFAULT);
    }

    @Test
    void blocksComeBackAsGivenAndAfterReopening() {
        List<StoredBlock> chain = Chain.of(20, 3, 200);
        try (Ledger ledger = open()) {
            assertThat(ledger.height()).isZero();
            assertThat(ledger.tip()).isEmpty();
            chain.forEach(ledger::append);
            agrees(ledger, chain);
            assertThat(ledger.durableHeight()).isZero();
            assertThat(ledger.force()).isEqualTo(20);
        }
        try (Ledger ledger = open()) {
            agrees(ledger, chain);
            assertThat(ledger.durableHeight()).isEqualTo(20);
            StoredBlock next = Chain.next(chain.getLast(), 1, 10);
            ledger.append(next);
            assertThat(ledger.block(20).bytes()).isEqualTo(next.bytes());
        }
    }

    static void agrees(Ledger ledger, List<StoredBlock> chain) {
        assertThat(ledger.height()).isEqualTo(chain.size());
        assertThat(ledger.tip()).contains(chain.getLast());
        for (StoredBlock block : chain) {
            assertThat(ledger.block(block.number())).isEqualTo(block);
            assertThat(ledger.numberOf(block.header().hash())).hasValue(block.number());
            assertThat(ledger.transaction(Chain.txId(block.number(), 0))).contains(new TxPlace(block.number(), 0));
        }
        assertThat(ledger.transaction("unknown")).isEmpty();
        assertThat(ledger.transaction("")).isEmpty();
        assertThat(ledger.numberOf(ByteString.copyFromUtf8("x"))).isEmpty();
    }

    @Test
    void theFirstOccurrenceOfATransactionIdWins() {
        List<ByteString> data = List.of(Chain.envelope("same", 5, 1), Chain.envelope("same", 5, 2), ByteString.EMPTY);
        try (Ledger ledger = open()) {
            StoredBlock genesis = Chain.next(null, 1, 10);
            ledger.append(genesis);
            var one = org.holdfast.wire.BlockHeader.after(genesis.header(), data);
            ledger.append(new StoredBlock(one, BlockBytes.encode(one, data, List.of())));
            var two = org.holdfast.wire.BlockHeader.after(one, data);
            ledger.append(new StoredBlock(two, BlockBytes.encode(two, data, List.of())));
            assertThat(ledger.transaction("same")).contains(new TxPlace(1, 0));
        }
    }

    @Test
    void whatDoesNotFollowTheTipIsABug() {
        List<StoredBlock> chain = Chain.of(3, 1, 10);
        StoredBlock other = Chain.next(Chain.next(null, 2, 10), 1, 10);
        try (Ledger ledger = open()) {
            ledger.append(chain.get(0));
            assertThatThrownBy(() -> ledger.append(chain.get(2))).isInstanceOf(Invariant.class);
            assertThatThrownBy(() -> ledger.append(other)).isInstanceOf(Invariant.class);
            assertThatThrownBy(() -> ledger.append(new StoredBlock(chain.get(1).header(), other.bytes())))
                    .isInstanceOf(Invariant.class);
            ledger.append(chain.get(1));
            assertThat(ledger.height()).isEqualTo(2);
        }
    }

    @Test
    void aBlockThatIsNotHereIsRefusedByCode() {
        try (Ledger ledger = open()) {
            assertThatThrownBy(() -> ledger.block(0))
                    .isInstanceOfSatisfying(
                            Refusal.Refused.class,
                            refused -> assertThat(refused.refusal().code()).isEqualTo(Code.BLOCK_NOT_HERE));
        }
    }

    @Test
    void oneProcessOneLedger() {
        try (Ledger ledger = open()) {
            assertThat(ledger.height()).isZero();
            assertThatThrownBy(this::open).isInstanceOf(DiskFault.class).hasMessageContaining("lock");
        }
        open().close();
    }

    @Test
    void segmentsRollAndAllBlocksStayReadable() {
        List<StoredBlock> chain = Chain.of(60, 2, 500);
        LedgerSettings small = new LedgerSettings(4096, 0);
        try (Ledger ledger = Ledger.open(world, directory, Chain.CHANNEL, small)) {
            chain.forEach(ledger::append);
            agrees(ledger, chain);
        }
        assertThat(world.disk().list(directory.resolve("blocks"))).hasSizeGreaterThan(10);
        try (Ledger ledger = Ledger.open(world, directory, Chain.CHANNEL, small);
                Cursor cursor = ledger.cursor(0)) {
            agrees(ledger, chain);
            List<StoredBlock> read = new ArrayList<>();
            for (StoredBlock block = cursor.poll(); block != null; block = cursor.poll()) {
                read.add(block);
            }
            assertThat(read).isEqualTo(chain);
        }
    }

    @Test
    void nothingWorksOnAClosedLedgerAndClosingAgainIsNothing() {
        Ledger ledger = open();
        StoredBlock genesis = Chain.next(null, 1, 10);
        ledger.append(genesis);
        ledger.close();
        ledger.close();
        assertThat(ledger.durableHeight()).isEqualTo(1);
        assertThatThrownBy(ledger::force).isInstanceOf(Refusal.Refused.class);
        assertThatThrownBy(() -> ledger.append(Chain.next(genesis, 1, 10))).isInstanceOf(Invariant.class);
    }

    @Test
    void allFaultsOfTheSettingsAtOnce() {
        assertThatThrownBy(() -> new LedgerSettings(1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("segmentBytes")
                .hasMessageContaining("tailBytes");
    }
}
