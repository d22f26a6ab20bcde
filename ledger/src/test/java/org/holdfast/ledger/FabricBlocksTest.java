package org.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.holdfast.env.World;
import org.holdfast.wire.ChannelId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Oracle: eight blocks of channel `blkch` as a Fabric 2.5.12 orderer served them (`fabric/blkch`).
class FabricBlocksTest {
    private static final ChannelId CHANNEL = new ChannelId("blkch");
    private static final int[] TRANSACTIONS = {1, 3, 1, 1, 5, 1, 2, 1};
    private static final int SLOTS = 5;

    private final World world = World.real();

    @TempDir
    Path directory;

    static List<StoredBlock> blocks() throws IOException {
        List<StoredBlock> blocks = new ArrayList<>();
        for (int i = 0; i < TRANSACTIONS.length; i++) {
            String name = String.format(Locale.ROOT, "/fabric/blkch/%02d.block", i);
            try (InputStream in = Objects.requireNonNull(FabricBlocksTest.class.getResourceAsStream(name))) {
                blocks.add(StoredBlock.of(ByteString.readFrom(in)));
            }
        }
        return blocks;
    }

    @Test
    void theyAreStoredServedAndVerifiedByteForByte() throws IOException {
        List<StoredBlock> blocks = blocks();
        try (Ledger ledger = Ledger.open(world, directory, CHANNEL, new LedgerSettings(64 << 10, 0))) {
            blocks.forEach(ledger::append);
            for (StoredBlock block : blocks) {
                assertThat(ledger.block(block.number()).bytes()).isEqualTo(block.bytes());
            }
            String id = BlockIndex.transactionId(blocks.get(4).view().data().get(2));
            assertThat(id).hasSize(64);
            assertThat(ledger.transaction(id)).contains(new TxPlace(4, 2));
        }
        LedgerCheck.Report report = LedgerCheck.verify(world, directory);
        assertThat(report.fault()).isEmpty();
        assertThat(report.index()).isEqualTo(LedgerCheck.IndexState.AGREES);
        assertThat(report.height()).isEqualTo(8);
        assertThat(report.transactions()).isEqualTo(15);
    }

    @Test
    void buildingThemFromTheirPartsGivesTheSameBytes() throws IOException {
        for (StoredBlock block : blocks()) {
            BlockView view = block.view();
            assertThat(view.data()).hasSize(TRANSACTIONS[(int) block.number()]);
            assertThat(view.metadata()).hasSize(SLOTS);
            assertThat(view.dataHashHolds()).isTrue();
            assertThat(BlockBytes.encode(view.header(), view.data(), view.metadata()))
                    .isEqualTo(block.bytes());
        }
    }
}
