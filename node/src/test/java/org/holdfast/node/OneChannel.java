package org.holdfast.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.Consenter;
import org.holdfast.env.Pool;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.LedgerSettings;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.order.Orderer;
import org.holdfast.order.OrdererSettings;
import org.holdfast.order.Peers;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.SubmitReply;
import org.jspecify.annotations.Nullable;

/// A channel on a disk with a real gate, cutter and ledger, over a log that needs no seat of its own.
final class OneChannel implements AutoCloseable {
    static final Crypto CRYPTO = Crypto.choose();

    final InstantLog log;
    final Orderer orderer;
    private final Ledger ledger;
    private final Pool pool;

    /// @param genesis block 0 of the ledger
    /// @param config in force, of this or a later block
    OneChannel(World world, Path directory, ByteString genesis, ChannelConfig config, LocalIdentity signer)
            throws InvalidProtocolBufferException {
        List<MemberId> members = config.consenters().stream()
                .map(Consenter::seat)
                .map(seat -> new MemberId(seat, 1))
                .toList();
        ledger = Ledger.open(world, directory, config.id(), LedgerSettings.DEFAULT);
        ledger.append(StoredBlock.of(genesis));
        ledger.force();
        pool = world.pool("check", 2, 200_000);
        log = new InstantLog(members.getFirst(), members);
        orderer = Orderer.open(
                new Orderer.Parts(
                        world,
                        config,
                        ledger,
                        pool,
                        CRYPTO,
                        new Orderer.Self(members.getFirst(), 1, signer, message -> signer.sign(message)),
                        new NoPeers(),
                        OrdererSettings.DEFAULT,
                        now -> {}),
                log);
    }

    long height() {
        return ledger.height();
    }

    ByteString stored(long number) {
        return ledger.block(number).bytes();
    }

    /// Whether an envelope stands in a block after the first, byte for byte.
    boolean holds(ByteString envelope) throws InvalidProtocolBufferException {
        for (long number = 1; number < ledger.height(); number++) {
            if (BlockView.of(stored(number)).data().contains(envelope)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        orderer.close();
        ledger.close();
        pool.close();
    }

    private static final class NoPeers implements Peers {
        @Override
        public CompletableFuture<SubmitReply> submit(MemberId leader, ByteString record) {
            return CompletableFuture.completedFuture(SubmitReply.newBuilder()
                    .setOutcome(SubmitReply.Outcome.AMBIGUOUS)
                    .build());
        }

        @Override
        public Optional<Seated> locate(String seat) {
            return Optional.empty();
        }

        @Override
        public Optional<View> view() {
            return Optional.empty();
        }

        @Override
        public BlockSource blocks(long from) {
            return new BlockSource() {
                @Override
                public @Nullable ByteString next() {
                    return null;
                }

                @Override
                public void close() {}
            };
        }
    }
}
