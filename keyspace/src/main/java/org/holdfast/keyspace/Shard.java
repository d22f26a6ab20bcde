package org.holdfast.keyspace;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Loop;
import org.holdfast.env.Pool;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.ledger.Cursor;
import org.holdfast.ledger.Feed;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.ledger.UnreadableLedger;
import org.holdfast.order.BlockMarks;
import org.holdfast.state.Batch;
import org.holdfast.state.Parsed;
import org.holdfast.state.Reply;
import org.holdfast.state.ShardState;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One shard on this node: takes its commands to its channel, applies the channel's blocks, answers.
///
/// Owner: its loop has the state's applying, the cursor and the envelopes on their way. Requests come from any thread.
final class Shard implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Shard.class);
    private static final int LOOP_TASKS_MAX = 1 << 12;
    /// Blocks applied in one go, before requests get their turn.
    private static final int BLOCKS_AT_ONCE = 16;
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final int FORCE_TICKS = 30;

    /// What the shards of a node share.
    ///
    /// @param pool looks things up in states
    /// @param epoch number of this start of the node
    /// @param sequences numbers of this start's envelopes
    /// @param onWritten is told of keys that were written to
    record Shared(
            World world,
            Pool pool,
            Crypto crypto,
            LocalIdentity signer,
            long epoch,
            AtomicLong sequences,
            Consumer<List<byte[]>> onWritten,
            CheckpointRules checkpoints) {}

    /// When states are fetched from other members.
    ///
    /// @param blocks behind which one is; 0 = only where blocks are missing
    /// @param turn one is fetched at a time
    /// @param numbers of directories, see [StateDirs]
    /// @param begun shards that were opened in this process before
    record CheckpointRules(long blocks, Semaphore turn, AtomicLong numbers, Set<ChannelId> begun) {}

    private final Shared shared;
    private final ShardName name;
    private final ShardChannel channel;
    private final StateDirs dirs;
    private final Opening opening;
    private final Loop loop;
    private final AtomicBoolean advancePosted = new AtomicBoolean();
    private final KeyspaceFigures.Shard figures;
    private final ShardCounts counts;
    private final Batcher batcher;
    private final CommandReader reader;

    private final CatchUp catchUp;

    /// Set on the loop when the state is open; another one when a checkpoint takes its place.
    private volatile @Nullable ShardState state;
    private volatile @Nullable Reads reads;
    private volatile Optional<String> problem = Optional.of("its state is being opened");
    private volatile boolean halted;
    private volatile boolean closing;
    /// Whether the next block is missing, so that nothing can be applied.
    private volatile boolean stuck;

    private boolean ticking;
    private @Nullable Cursor cursor;
    private Feed.@Nullable Subscription heights;
    private @Nullable StoredBlock next;
    private boolean againArmed;
    private int ticks;

    private Shard(Shared shared, ShardName name, ShardChannel channel, Path directory) {
        this.shared = shared;
        this.name = name;
        this.channel = channel;
        this.dirs = new StateDirs(shared.world.disk(), directory, shared.checkpoints.numbers());
        this.opening =
                new Opening(shared.world, name, dirs, shared.checkpoints.begun().add(channel.id()));
        this.loop = shared.world.loop("shard-" + channel.id(), LOOP_TASKS_MAX, this::fault);
        this.counts = new ShardCounts(shared.world.clock());
        this.figures = new KeyspaceFigures.Shard(
                shared.world.metrics(),
                channel.id(),
                new KeyspaceFigures.Shard.Watched(
                        this::appliedBlock, this::behind, this::keys, this::waiting, this::transferLeft));
        this.batcher = new Batcher(
                new Batcher.Parts(shared.world, loop, channel, shared.signer, shared.epoch, shared.sequences, figures));
        this.reader = new CommandReader(channel, shared.crypto, figures.ignored::increment);
        CheckpointRules rules = shared.checkpoints;
        this.catchUp = new CatchUp(
                new CatchUp.Parts(shared.world, loop, channel, name, dirs, rules.blocks(), rules.turn()),
                this::replace,
                this::wake);
    }

    /// Begins; the state is opened in the background.
    static Shard open(Shared shared, ShardName name, ShardChannel channel, Path directory) {
        Shard shard = new Shard(shared, name, channel, directory);
        boolean _ = shard.loop.post(shard::begin);
        return shard;
    }

    ShardName name() {
        return name;
    }

    /// The last block in the state; -1 before the first.
    long appliedBlock() {
        ShardState open = state;
        return open == null ? -1 : open.appliedBlock();
    }

    /// What keeps it from answering.
    Optional<String> problem() {
        return problem;
    }

    ShardReport report() {
        Optional<String> wrong = problem.or(catchUp::trouble);
        return new ShardReport(name, channel.id(), appliedBlock(), keys(), halted, wrong, catchUp.progress());
    }

    StateDirs dirs() {
        return dirs;
    }

    /// What it counts for operators.
    ShardCounts counts() {
        return counts;
    }

    /// The state; empty while it is not open.
    Optional<ShardState> state() {
        return Optional.ofNullable(state);
    }

    private long behind() {
        return Math.max(0, channel.feed().height() - 1 - appliedBlock());
    }

    private long keys() {
        ShardState open = state;
        return open == null ? 0 : open.keys();
    }

    private long waiting() {
        return batcher.waiting();
    }

    private long transferLeft() {
        return catchUp.progress().map(now -> now.total() - now.bytes()).orElse(0L);
    }

    /// Has a group of commands committed and applied; those of one thread keep their order. Their keys are of this
    /// shard.
    CompletableFuture<Reply> write(String user, Batch.Group group) {
        return state == null || halted || stuck
                ? CompletableFuture.failedFuture(absent().asException())
                : counts.answering(group, batcher.submit(new CommandEnvelope.Asked(user, group)));
    }

    /// Answers a reading command.
    CompletableFuture<Reply> read(long session, Parsed.Ready command, boolean stale) {
        return look(session, stale, (open, time) -> open.read(command, time));
    }

    /// Looks something up, linearizable.
    <T> CompletableFuture<T> look(long session, boolean stale, Look<T> look) {
        ShardState open = state;
        Reads through = reads;
        if (open == null || through == null || halted) {
            return CompletableFuture.failedFuture(absent().asException());
        }
        LongFunction<T> at = time -> look.at(open, time);
        return stale ? through.stale(session, at) : through.fresh(session, at);
    }

    /// Asks a state at a time.
    @FunctionalInterface
    interface Look<T> {
        T at(ShardState state, long timeMillis);
    }

    private Refusal absent() {
        String why = problem.orElse("it is being closed");
        return halted
                ? Refusal.of(Code.SHARD_HALTED, "%s halted at this node (%s): use another node", name, why)
                : Refusal.of(Code.SHARD_NOT_HERE, "%s is not open at this node (%s)", name, why);
    }

    private void begin() {
        if (closing || halted) {
            return;
        }
        switch (opening.once()) {
            case Opening.Outcome.Open open -> {
                state = open.state();
                begin(open.state());
            }
            case Opening.Outcome.Again again -> {
                problem(again.why());
                loop.after(AGAIN, this::begin);
            }
            case Opening.Outcome.Never never -> {
                problem(never.why());
                halted = true;
            }
        }
    }

    private void begin(ShardState opened) {
        long applied = opened.appliedBlock();
        reads = new Reads(channel, opened, shared.world.clock(), shared.pool, figures);
        stuck = catchUp.isMissing(applied);
        if (stuck) {
            LOG.warn(
                    "channel={}: block {} is not in the ledger any more: the state is fetched from another member",
                    channel.id(),
                    applied + 1);
            problem("block %d is not in the ledger any more: a checkpoint of another member is waited for"
                    .formatted(applied + 1));
            ticking();
            return;
        }
        cursor = channel.feed().cursor(applied + 1);
        heights = channel.feed().onHeight(_ -> wake());
        problem = Optional.empty();
        long height = channel.feed().height();
        if (applied >= height) {
            LOG.warn(
                    "channel={}: the state is at block {} and the ledger has {} blocks only: waiting for more",
                    channel.id(),
                    applied,
                    height);
        }
        LOG.info("channel={}: {} goes on behind block {}, {} blocks to apply", channel.id(), name, applied, behind());
        ticking();
        advance();
    }

    private void ticking() {
        if (!ticking) {
            ticking = true;
            tick();
        }
    }

    /// A checkpoint has come: it takes the state's place, unless the state has overtaken it meanwhile.
    private void replace(Taking.Taken taken) {
        ShardState old = state;
        if (closing || halted || old == null || old.appliedBlock() >= taken.block()) {
            LOG.info(
                    "channel={}: the checkpoint of {} at block {} is not needed any more",
                    channel.id(),
                    taken.from(),
                    taken.block());
            discard(taken.directory());
            return;
        }
        problem("a checkpoint takes its place");
        state = null;
        Reads through = reads;
        reads = null;
        if (through != null) {
            through.close(absent());
        }
        leaveFeed();
        next = null;
        old.close();
        try {
            dirs.replace(taken.directory());
            figures.taken.increment();
            LOG.info(
                    "channel={}: the state is that of {}'s checkpoint at block {}",
                    channel.id(),
                    taken.from(),
                    taken.block());
        } catch (DiskFault e) {
            LOG.error("channel={}: a checkpoint does not take its place: {}", channel.id(), Decode.reason(e));
            problem(Decode.reason(e));
            discard(taken.directory());
            loop.after(AGAIN, this::begin);
            return;
        }
        begin();
    }

    private void discard(Path incoming) {
        try {
            shared.world.disk().deleteTree(incoming);
        } catch (DiskFault e) {
            // boundary: nothing rests on it, and the next start sweeps it
            LOG.error("channel={}: a checkpoint is not deleted: {}", channel.id(), Decode.reason(e));
        }
    }

    private void leaveFeed() {
        if (heights != null) {
            heights.close();
            heights = null;
        }
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
    }

    private void problem(@Nullable String text) {
        problem = Optional.of(text == null ? "unknown" : text);
    }

    // Any thread.
    private void wake() {
        if (advancePosted.compareAndSet(false, true) && !loop.post(this::advance)) {
            advancePosted.set(false);
        }
    }

    /// Applies what there is, a few blocks at a time.
    private void advance() {
        advancePosted.set(false);
        ShardState open = state;
        Cursor feed = cursor;
        if (open == null || feed == null || halted || closing || againArmed || catchUp.holds()) {
            return;
        }
        try {
            for (int i = 0; i < BLOCKS_AT_ONCE; i++) {
                StoredBlock block = next == null ? feed.poll() : next;
                if (block == null) {
                    return;
                }
                next = block;
                apply(open, block);
                next = null;
            }
            wake();
        } catch (DiskFault | UnreadableLedger e) {
            LOG.error("channel={}: block {} is not applied, trying again", channel.id(), open.appliedBlock() + 1, e);
            problem(Decode.reason(e));
            againArmed = true;
            loop.after(AGAIN, this::again);
        }
    }

    private void again() {
        againArmed = false;
        advance();
    }

    private void apply(ShardState open, StoredBlock block) {
        List<CommandReader.Found> found = reader.read(block);
        List<Batch.Group> groups = new ArrayList<>();
        found.forEach(batch -> batch.commands().groups().forEach(asked -> groups.add(asked.group())));
        byte[] seed = block.header().hash().toByteArray();
        long since = shared.world.clock().nanos();
        List<Reply> replies = open.apply(new Batch(block.number(), BlockMarks.timeMillis(block), seed, groups));
        counts.applied(groups, shared.world.clock().nanos() - since);
        if (problem.isPresent()) {
            problem = Optional.empty();
        }
        answer(found, replies);
        if (!groups.isEmpty()) {
            told(groups, open.poppable());
        }
        Reads through = reads;
        if (through != null) {
            through.applied();
        }
    }

    private void answer(List<CommandReader.Found> found, List<Reply> replies) {
        int from = 0;
        String self = channel.member().toString();
        ByteString creator = shared.signer.creator();
        for (CommandReader.Found batch : found) {
            int until = from + batch.commands().groups().size();
            CommandEnvelope.Id id = batch.commands().id();
            if (id.epoch() == shared.epoch
                    && id.member().equals(self)
                    && batch.creator().equals(creator)) {
                batcher.applied(id.sequence(), replies.subList(from, until));
            }
            from = until;
        }
        if (!found.isEmpty()) {
            batcher.pump();
        }
    }

    private void told(List<Batch.Group> groups, List<byte[]> poppable) {
        figures.commands.add(
                groups.stream().mapToInt(group -> group.commands().size()).sum());
        if (!poppable.isEmpty()) {
            shared.onWritten.accept(poppable);
        }
    }

    private void tick() {
        if (closing) {
            return;
        }
        batcher.tick();
        Reads through = reads;
        if (through != null) {
            through.tick();
        }
        ShardState open = state;
        if (open != null && !halted) {
            catchUp.look(open.appliedBlock());
            wake();
        }
        if (++ticks % FORCE_TICKS == 0 && open != null && !halted) {
            shared.world.start("force-" + channel.id(), () -> force(open));
        }
        loop.after(TICK, this::tick);
    }

    /// So that a power cut costs little to apply again.
    private void force(ShardState open) {
        try {
            open.force();
        } catch (DiskFault e) {
            // boundary: nothing rests on it but the length of a restart, and half a minute later it is tried again
            LOG.error("channel={}: the state cannot be forced: {}", channel.id(), Decode.reason(e));
        } catch (Refusal.Refused closed) {
            // boundary: closing writes it all
            LOG.debug("channel={}: {}", channel.id(), closed.getMessage());
        }
    }

    /// A fault on the loop is a bug: this shard halts, its channel and others go on.
    private void fault(Throwable fault) {
        if (halted) {
            return;
        }
        LOG.error("channel={}: the state halts behind block {}: {}", channel.id(), appliedBlock(), name, fault);
        // The reason first: whoever sees that it has halted finds why.
        problem("halted: " + Decode.reason(fault));
        halted = true;
        refuseAll(absent());
    }

    private void refuseAll(Refusal reason) {
        batcher.close(reason, reason.text());
        Reads through = reads;
        if (through != null) {
            through.close(reason);
        }
    }

    @Override
    public void close() {
        closing = true;
        catchUp.close();
        boolean _ = loop.postWaiting(() -> {
            refuseAll(Refusal.of(Code.STOPPING, "%s is being closed at this node: use another node", name));
            leaveFeed();
        });
        loop.close();
        figures.close();
        ShardState open = state;
        if (open != null) {
            open.close();
        }
    }
}
