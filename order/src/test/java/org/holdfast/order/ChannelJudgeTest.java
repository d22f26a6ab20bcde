package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.holdfast.channel.BatchSize;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.Clock;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.ledger.BlockBytes;
import org.holdfast.ledger.IndexStore;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.LedgerSettings;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The gate's judge under local settings. The foreign oracle is an envelope that a real orderer refused because its
/// creator's certificate had run out.
class ChannelJudgeTest {
    private static final Instant WHEN = Instant.parse("2027-01-01T00:00:00Z");

    @Test
    void anExpiredCreatorIsRefusedUnlessTheSettingsSayOtherwise(@TempDir Path directory) throws Exception {
        ChannelConfig config = ChannelConfig.fromBlock(bytes("base-normal.block"), Crypto.choose());
        EnvelopeView envelope = EnvelopeView.of(bytes("expired-creator.envelope.pb"));
        Consortium people =
                new Consortium(directory.resolve("pki"), new BatchSize(10, 1 << 20, 1 << 19), Duration.ofMillis(200));
        LocalIdentity signer = people.signer(0);
        Ledger ledger = Ledger.open(World.real(), directory.resolve("ledger"), config.id(), LedgerSettings.DEFAULT);
        try {
            assertThat(judgement(config, ledger, signer, true, envelope)
                            .orElseThrow()
                            .code())
                    .isEqualTo(Code.IDENTITY_INVALID);
            assertThat(judgement(config, ledger, signer, false, envelope)).isEmpty();
        } finally {
            ledger.close();
        }
    }

    /// Found by the simulator (seed 604077 with more config updates): a client was to be answered after a catch-up, the
    /// disk was full, and the channel halted.
    @Test
    void whatCannotBeLookedUpIsNotSaidToBeThereAndNothingBreaks(@TempDir Path directory) throws Exception {
        Consortium people =
                new Consortium(directory.resolve("pki"), new BatchSize(10, 1 << 20, 1 << 19), Duration.ofMillis(200));
        EnvelopeView there = people.envelope("there", 10);
        StoredBlock genesis = StoredBlock.of(people.genesis());
        BlockHeader header = BlockHeader.after(genesis.header(), List.of(there.bytes()));
        AtomicBoolean full = new AtomicBoolean();
        try (Ledger ledger = Ledger.open(
                World.real(), directory.resolve("ledger"), Consortium.CHANNEL, LedgerSettings.DEFAULT, path -> {
                    if (full.get()) {
                        throw new IOException("No space left on device");
                    }
                    return new MemoryIndex(full);
                })) {
            ledger.append(genesis);
            ledger.append(new StoredBlock(
                    header,
                    BlockBytes.encode(header, List.of(there.bytes()), Collections.nCopies(5, ByteString.EMPTY))));
            ChannelJudge judge = new ChannelJudge(people::config, ledger, World.real(), people.signer(0), true);
            assertThat(judge.inLedger(there, 0)).isTrue();
            full.set(true);
            assertThatThrownBy(ledger::force).isInstanceOf(DiskFault.class);
            assertThatThrownBy(ledger::force).isInstanceOf(DiskFault.class);
            assertThat(judge.inLedger(there, 0)).isFalse();
            full.set(false);
            assertThat(judge.inLedger(there, 0)).isTrue();
        }
    }

    /// An index on a disk that may be full; opened again it is empty and is filled from the blocks.
    private static final class MemoryIndex implements IndexStore {
        private final TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);
        private final AtomicBoolean full;

        private MemoryIndex(AtomicBoolean full) {
            this.full = full;
        }

        @Override
        public byte @Nullable [] get(byte[] key) {
            return entries.get(key);
        }

        @Override
        public byte @Nullable [] keyFrom(byte[] from) {
            return entries.ceilingKey(from);
        }

        @Override
        public void forEach(BiConsumer<byte[], byte[]> visitor) {
            entries.forEach(visitor);
        }

        @Override
        public void write(Consumer<Batch> changes) {
            changes.accept(new Batch() {
                @Override
                public void put(byte[] key, byte[] value) {
                    entries.put(key, value);
                }

                @Override
                public void delete(byte[] key) {
                    entries.remove(key);
                }
            });
        }

        @Override
        public void flush() {
            if (full.get()) {
                throw new DiskFault("writing index", Path.of("index"), new IOException("No space left on device"));
            }
        }

        @Override
        public void close() {
            // nothing is held
        }
    }

    private static Optional<Refusal> judgement(
            ChannelConfig config, Ledger ledger, LocalIdentity signer, boolean checkExpiry, EnvelopeView envelope) {
        World world = new FaultyWorld(World.real().disk(), new Stopped());
        return new ChannelJudge(() -> config, ledger, world, signer, checkExpiry)
                .judge(envelope)
                .refusal();
    }

    private static ByteString bytes(String name) throws IOException {
        try (InputStream in = ChannelJudgeTest.class.getResourceAsStream("/fabric/" + name)) {
            assertThat(in).isNotNull();
            return ByteString.readFrom(in);
        }
    }

    /// A clock that stands at the time the envelope is judged at.
    private static final class Stopped implements Clock {
        @Override
        public long wallMillis() {
            return WHEN.toEpochMilli();
        }

        @Override
        public long nanos() {
            return 0;
        }
    }
}
