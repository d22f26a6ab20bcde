package org.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a full disk does to the index: its store fails to flush, to open, to be filled. Both were found by the
/// simulator (seeds 7412 and 30772).
class IndexFaultTest {
    private final World world = World.real();

    @TempDir
    Path directory;

    private boolean flushFails;
    private boolean openFails;
    private int writesLeft = Integer.MAX_VALUE;

    private Ledger open() {
        return Ledger.open(world, directory, Chain.CHANNEL, new LedgerSettings(4096, 0), this::store);
    }

    private IndexStore store(Path path) throws IOException {
        if (openFails) {
            throw new IOException("No space left on device");
        }
        return new Full(RocksStore.open(path));
    }

    private static DiskFault noSpace() {
        return new DiskFault("writing index", Path.of("index"), new IOException("No space left on device"));
    }

    @Test
    void lookupsGoOnAsSoonAsThereIsRoomThoughNoBlockComes() {
        List<StoredBlock> chain = Chain.of(5, 1, 100);
        try (Ledger ledger = open()) {
            chain.forEach(ledger::append);
            flushFails = true;
            assertThatThrownBy(ledger::force).isInstanceOf(DiskFault.class);
            openFails = true;
            assertThatThrownBy(ledger::force).isInstanceOf(DiskFault.class);
            assertThatThrownBy(() -> ledger.block(1)).isInstanceOf(DiskFault.class);
            flushFails = false;
            openFails = false;
            LedgerTest.agrees(ledger, chain);
        }
    }

    @Test
    void anIndexFilledHalfwayAnswersNothing() {
        List<StoredBlock> chain = Chain.of(6, 1, 100);
        try (Ledger ledger = open()) {
            chain.forEach(ledger::append);
            flushFails = true;
            assertThatThrownBy(ledger::force).isInstanceOf(DiskFault.class);
            world.disk().deleteTree(directory.resolve("index"));
            writesLeft = 3;
            assertThatThrownBy(ledger::force).isInstanceOf(DiskFault.class);
            writesLeft = 0;
            assertThatThrownBy(() -> ledger.transaction(Chain.txId(5, 0))).isInstanceOf(DiskFault.class);
            assertThatThrownBy(() -> ledger.block(1)).isInstanceOf(DiskFault.class);
            writesLeft = Integer.MAX_VALUE;
            flushFails = false;
            LedgerTest.agrees(ledger, chain);
            assertThat(ledger.force()).isEqualTo(6);
        }
    }

    /// A store on a disk that may be full.
    private final class Full implements IndexStore {
        private final IndexStore real;

        private Full(IndexStore real) {
            this.real = real;
        }

        @Override
        public byte @Nullable [] get(byte[] key) {
            return real.get(key);
        }

        @Override
        public byte @Nullable [] keyFrom(byte[] from) {
            return real.keyFrom(from);
        }

        @Override
        public void forEach(BiConsumer<byte[], byte[]> visitor) {
            real.forEach(visitor);
        }

        @Override
        public void write(Consumer<Batch> changes) {
            if (writesLeft-- <= 0) {
                throw noSpace();
            }
            real.write(changes);
        }

        @Override
        public void flush() {
            if (flushFails) {
                throw noSpace();
            }
            real.flush();
        }

        @Override
        public void close() {
            real.close();
        }
    }
}
