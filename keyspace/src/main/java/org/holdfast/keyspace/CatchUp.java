package org.holdfast.keyspace;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Loop;
import org.holdfast.env.World;
import org.holdfast.wire.Decode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides when a shard's state is fetched from another member instead of being made from blocks: when it is further
/// behind than the settings say, by this node's ledger or by what the others tell when it is opened, and when the block
/// it needs next is not in the ledger any more. Blocks that are here wait for it for a while and then go on being
/// applied beside it, so whatever becomes of it, the state comes on.
///
/// Owner: the shard's loop; fetching has a thread of its own, one at a time in the node.
final class CatchUp {
    /// Longest time for which blocks wait for what is fetched.
    static final Duration HOLD_MOST = Duration.ofSeconds(60);

    private static final Duration PAUSE_MIN = Duration.ofSeconds(2);
    private static final Duration PAUSE_MAX = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

    private final Parts parts;
    private final Consumer<Taking.Taken> arrived;
    private final Runnable over;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Taking taking;
    private volatile Optional<String> trouble = Optional.empty();

    private boolean running;
    private boolean tried;
    private boolean first;
    private long sinceNanos;
    private boolean asked;
    private Duration pause = PAUSE_MIN;
    private long notBeforeNanos;

    /// @param blocks behind which a state is fetched; 0 = only where blocks are missing
    /// @param turn of the node: one fetches at a time
    record Parts(
            World world,
            Loop loop,
            ShardChannel channel,
            ShardName name,
            StateDirs dirs,
            long blocks,
            Semaphore turn) {}

    /// @param arrived given what was taken, on the loop; the directory is its own from then on
    /// @param over run when blocks wait no longer
    CatchUp(Parts parts, Consumer<Taking.Taken> arrived, Runnable over) {
        this.parts = parts;
        this.arrived = arrived;
        this.over = over;
        this.taking = new Taking(parts.world, parts.channel, parts.name, parts.dirs, stop);
        this.notBeforeNanos = parts.world.clock().nanos();
    }

    /// What comes now.
    Optional<Transfer> progress() {
        return taking.progress();
    }

    /// What keeps it from keeping what comes.
    Optional<String> trouble() {
        return trouble;
    }

    /// Whether the block behind a state is not in the ledger any more.
    boolean isMissing(long applied) {
        return parts.channel.feed().first() > applied + 1;
    }

    /// Whether blocks that are here wait: a state that comes whole makes applying them a waste.
    boolean holds() {
        return running
                && (first || taking.isTaking())
                && parts.world.clock().nanos() - sinceNanos < HOLD_MOST.toNanos();
    }

    /// Looks whether something has to be done; often.
    ///
    /// @param applied the last block in the state
    void look(long applied) {
        boolean due = !running && stop.getCount() > 0 && parts.world.clock().nanos() - notBeforeNanos >= 0;
        boolean wanted = parts.blocks > 0 && parts.name.digest();
        boolean missing = isMissing(applied);
        boolean far = wanted && parts.channel.feed().height() - 1 - applied > parts.blocks;
        boolean needed = missing || far || (wanted && !asked);
        if (!needed) {
            trouble = Optional.empty(); // blocks have made the state meanwhile
        }
        if (!due || !needed) {
            return;
        }
        running = true;
        first = far && !tried;
        tried = true;
        sinceNanos = parts.world.clock().nanos();
        long least = missing ? parts.channel.feed().first() - 1 : applied + parts.blocks + 1;
        Taking.Want want = new Taking.Want(applied, least, missing);
        parts.world.start("catch-up-" + parts.channel.id(), () -> run(want));
    }

    /// Ends what is under way, soon.
    void close() {
        stop.countDown();
    }

    private void run(Taking.Want want) {
        boolean turn = parts.turn.tryAcquire();
        Taking.Outcome outcome = new Taking.Outcome(false, Optional.empty());
        try {
            if (turn) {
                outcome = taking.take(want);
                trouble = Optional.empty();
            }
        } catch (DiskFault e) {
            LOG.error("channel={}: a checkpoint cannot be kept: {}", parts.channel.id(), Decode.reason(e));
            trouble = Optional.of("no checkpoint can be kept: " + Decode.reason(e));
        } catch (RuntimeException e) { // boundary: the state goes on from blocks, and it is tried again
            LOG.error("channel={}: fetching a checkpoint failed", parts.channel.id(), e);
        } finally {
            if (turn) {
                parts.turn.release();
            }
            Taking.Outcome ended = outcome;
            if (!parts.loop.postWaiting(() -> ended(turn, ended))) {
                // The shard is closed: nobody waits for it any more.
                ended.taken().ifPresent(taken -> parts.world.disk().deleteTree(taken.directory()));
            }
        }
    }

    private void ended(boolean turn, Taking.Outcome outcome) {
        running = false;
        asked |= outcome.answered();
        notBeforeNanos = parts.world.clock().nanos() + pause.toNanos();
        pause = !turn || outcome.taken().isPresent() ? PAUSE_MIN : shorter(pause.multipliedBy(2));
        outcome.taken().ifPresent(arrived);
        over.run();
    }

    private static Duration shorter(Duration wanted) {
        return wanted.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : wanted;
    }
}
