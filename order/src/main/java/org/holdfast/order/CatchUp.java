package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.holdfast.env.Loop;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches blocks from other members when the log no longer has what this node lacks. Runs on a thread that may
/// block; the ledger is moved on by the channel's loop.
///
/// Every fetched block is checked against the chain, its own data hash and the channel's block validation policy, and
/// is on disk before the position moves: there is no local log behind it.
final class CatchUp {
    private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

    /// Says what is wrong with a block's signatures, if anything.
    interface BlockTrust {
        Optional<String> fault(BlockView block);
    }

    private final Loop loop;
    private final Spine spine;
    private final Ledger ledger;
    private final Peers peers;
    private final BlockTrust trust;

    CatchUp(Loop loop, Spine spine, Ledger ledger, Peers peers, BlockTrust trust) {
        this.loop = loop;
        this.spine = spine;
        this.ledger = ledger;
        this.peers = peers;
        this.trust = trust;
    }

    /// Fetches what the other members have, until the position is at least `firstAvailable - 1`. If the members have
    /// more, the position goes beyond it, so that the record before the next one is one that the leader still has.
    ///
    /// @return the position from which the log goes on
    Position reach(long firstAvailable) throws InterruptedException {
        Position position = position();
        boolean more = true;
        while (more && position.index() < firstAvailable) {
            long before = ledger.height();
            LOG.info("Catching up from block {}: the log begins at record {}", before, firstAvailable);
            pull(before);
            more = ledger.height() > before;
            ledger.force();
            position = position();
        }
        if (position.index() < firstAvailable - 1) {
            throw Refusal.of(Code.BLOCK_NOT_HERE, "no member gave block %d yet", ledger.height())
                    .asException();
        }
        return position;
    }

    private void pull(long from) throws InterruptedException {
        long next = from;
        try (Peers.BlockSource source = peers.blocks(from)) {
            for (ByteString bytes = source.next(); bytes != null; bytes = source.next()) {
                Optional<StoredBlock> sound = checked(bytes, next);
                if (sound.isEmpty()) {
                    return;
                }
                StoredBlock block = sound.get();
                onLoop(() -> {
                    spine.adopt(block);
                    return null;
                });
                next++;
            }
        }
    }

    /// The block, if it is the expected one and in order. What a peer sends wrongly is a reason to ask another, not a
    /// bug.
    private Optional<StoredBlock> checked(ByteString bytes, long number) {
        try {
            StoredBlock block = StoredBlock.of(bytes);
            BlockView view = block.view();
            Optional<String> fault = fault(view, number);
            if (fault.isPresent()) {
                LOG.warn("A peer sent block {} that is not accepted: {}", number, fault.get());
                return Optional.empty();
            }
            return Optional.of(block);
        } catch (InvalidProtocolBufferException e) {
            LOG.warn("A peer sent bytes for block {} that are no block: {}", number, e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<String> fault(BlockView view, long number) {
        if (view.header().number() != number) {
            return Optional.of("its number is " + view.header().number());
        }
        if (!view.dataHashHolds()) {
            return Optional.of("its data hash does not match its data");
        }
        StoredBlock previous = ledger.block(number - 1);
        if (!previous.header().hash().equals(view.header().previousHash())) {
            return Optional.of("it does not follow block " + (number - 1));
        }
        return trust.fault(view);
    }

    private Position position() throws InterruptedException {
        return onLoop(() -> spine.resumeAt(ledger.height() - 1).replayAfter());
    }

    private <T extends @org.jspecify.annotations.Nullable Object> T onLoop(java.util.function.Supplier<T> work)
            throws InterruptedException {
        CompletableFuture<T> done = new CompletableFuture<>();
        boolean posted = loop.postWaiting(() -> {
            try {
                done.complete(work.get());
            } catch (RuntimeException e) { // boundary: handed to the thread that waits
                done.completeExceptionally(e);
            }
        });
        if (!posted) {
            throw Refusal.of(Code.STOPPING, "the channel is closing").asException();
        }
        try {
            return done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException fault) {
                throw fault;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
