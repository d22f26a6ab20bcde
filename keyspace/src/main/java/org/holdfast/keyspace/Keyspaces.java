package org.holdfast.keyspace;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.holdfast.env.Clock;
import org.holdfast.env.Disk;
import org.holdfast.env.Pool;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.state.EngineFigures;
import org.holdfast.state.ShardState;
import org.holdfast.state.redis.Backend;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;

/// The keyspaces of a node: the shards among its open channels, and what stands behind its Redis doors.
///
/// Shards come and go while the node runs, with their channels. Any thread.
public final class Keyspaces implements AutoCloseable {
    /// Lookups that wait for a thread: one task for each lane of each shard.
    private static final int LOOKUPS_MAX = 1 << 16;

    private final Parts parts;
    private final Pool pool;
    private final Shard.Shared shared;
    private final Sending sending;
    private final Map<ChannelId, Shard> shards = new ConcurrentSkipListMap<>();
    private final List<Consumer<List<byte[]>>> listeners = new CopyOnWriteArrayList<>();
    private final Bins scans = new Bins();
    private volatile SortedMap<String, Keyspace> byName = new TreeMap<>();

    /// What keyspaces are made of.
    ///
    /// @param signer the node's identity in an orderer organisation: signs its envelopes of commands
    /// @param epoch counts the starts of this node's process, durably
    /// @param directories where a channel's state lies
    /// @param threads how many look things up in states
    /// @param checkpointBlocks a state that is more blocks behind than this is fetched from another member; 0 = only
    ///     where blocks are missing
    public record Parts(
            World world,
            Crypto crypto,
            LocalIdentity signer,
            long epoch,
            Function<ChannelId, Path> directories,
            int threads,
            long checkpointBlocks) {}

    /// Where the parts of a checkpoint go.
    ///
    /// @param <E> what ends it when nobody takes them any more
    @FunctionalInterface
    public interface Sink<E extends Exception> {
        /// Takes a serialized CheckpointPart; may hold up the caller.
        void part(ByteString part) throws E;
    }

    private Keyspaces(Parts parts) {
        this.parts = parts;
        this.pool = parts.world.pool("lookup", parts.threads, LOOKUPS_MAX);
        this.shared = new Shard.Shared(
                parts.world,
                pool,
                parts.crypto,
                parts.signer,
                parts.epoch,
                new AtomicLong(),
                keys -> listeners.forEach(told -> told.accept(keys)),
                new Shard.CheckpointRules(
                        parts.checkpointBlocks, new Semaphore(1), new AtomicLong(), ConcurrentHashMap.newKeySet()));
        this.sending = new Sending(parts.world);
    }

    /// No shards yet.
    public static Keyspaces start(Parts parts) {
        return new Keyspaces(parts);
    }

    /// A channel is open. If it is a shard, its commands are applied and its keys are served from now on.
    public synchronized void opened(ShardChannel channel) {
        ShardName.parse(channel.id()).ifPresent(name -> {
            Shard before =
                    shards.put(channel.id(), Shard.open(shared, name, channel, parts.directories.apply(channel.id())));
            if (before != null) {
                before.close();
            }
            byName = Keyspace.of(shards.values());
        });
    }

    /// A channel is about to be closed. Returns when nothing uses it any more; what waits is refused.
    public synchronized void closed(ChannelId channel) {
        Shard shard = shards.remove(channel);
        if (shard != null) {
            byName = Keyspace.of(shards.values());
            shard.close();
        }
    }

    /// The shards that are open, by their channels' names.
    public List<ShardReport> reports() {
        return shards.values().stream().map(Shard::report).toList();
    }

    /// How the shard of a channel stands; empty when it is none, or not open.
    public Optional<ShardReport> report(ChannelId channel) {
        return Optional.ofNullable(shards.get(channel)).map(Shard::report);
    }

    /// The state of a channel's shard, to be read and copied, not applied to; empty while it is not open. It may be
    /// closed at any time: it refuses then.
    public Optional<ShardState> state(ChannelId channel) {
        return Optional.ofNullable(shards.get(channel)).flatMap(Shard::state);
    }

    /// Sends a checkpoint of a shard's state to another member; blocks. What it is made of is deleted afterwards.
    ///
    /// @param applied the last block that the member has
    /// @throws E as the sink does; throws [Refusal.Refused] when there is no newer state, or too much is sent already
    public <E extends Exception> void checkpoint(ChannelId channel, long applied, Sink<E> sink) throws E {
        Shard shard = shards.get(channel);
        if (shard == null) {
            throw Refusal.of(Code.SHARD_NOT_HERE, "channel %s is no shard of this node", channel)
                    .asException();
        }
        sending.send(shard, applied, sink);
    }

    /// Deletes a shard's state and all that may lie beside it: of a channel that is not open.
    public static void forget(Disk disk, Path directory) {
        new StateDirs(disk, directory, new AtomicLong()).forget();
    }

    /// What the open shards have counted on this node, by their channels' names.
    public List<ShardStats> stats() {
        return shards.values().stream().map(Keyspaces::stats).toList();
    }

    private static ShardStats stats(Shard shard) {
        ShardCounts counts = shard.counts();
        return new ShardStats(
                shard.report(),
                counts.applied.reading(),
                counts.answered.reading(),
                engine(shard),
                counts.hot.on(),
                counts.hot.top(ShardStats.HOT_MAX));
    }

    private static Optional<EngineFigures> engine(Shard shard) {
        try {
            return shard.state().map(ShardState::engineFigures);
        } catch (Refusal.Refused closed) { // it closes meanwhile
            return Optional.empty();
        }
    }

    /// How long scans of this node's clients took (SCAN, HSCAN, ADVSCAN and their kin), all shards together.
    public long[] scanLatencies() {
        return scans.reading().latencies();
    }

    Bins scans() {
        return scans;
    }

    Clock clock() {
        return parts.world.clock();
    }

    /// Begins or ends counting which keys of a keyspace are written most.
    ///
    /// @return how many shards of it are here
    public int countHotKeys(String keyspace, boolean wanted) {
        return hot(keyspace, hot -> hot.on(wanted));
    }

    /// Forgets which keys of a keyspace were written most.
    ///
    /// @return how many shards of it are here
    public int clearHotKeys(String keyspace) {
        return hot(keyspace, HotKeys::clear);
    }

    private int hot(String keyspace, Consumer<HotKeys> change) {
        List<Shard> here = shards.values().stream()
                .filter(shard -> shard.name().keyspace().equals(keyspace))
                .toList();
        here.forEach(shard -> change.accept(shard.counts().hot));
        return here.size();
    }

    /// Removes keys of a table, or counts them, in all shards of its keyspace: by commands in the log like any other.
    /// Blocks until it is done or the time is up, and then three seconds at most; for a thread that may.
    ///
    /// @throws Refusal.Refused when a shard of the keyspace is not on this node
    public Removal.Done remove(Removal removal, Duration most) throws InterruptedException {
        Keyspace keyspace = byName.get(removal.keyspace());
        if (keyspace == null) {
            throw Refusal.of(Code.SHARD_NOT_HERE, "no keyspace '%s' at this node", removal.keyspace())
                    .asException();
        }
        Clock clock = parts.world.clock();
        return new RangeRemoval(removal, clock, clock.nanos() + most.toNanos()).run(keyspace.all());
    }

    /// What stands behind Redis doors, any number of them.
    public Backend backend() {
        return new ShardBackend(this);
    }

    /// By name.
    SortedMap<String, Keyspace> byName() {
        return byName;
    }

    void onWritten(Consumer<List<byte[]>> listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        List<ChannelId> left;
        synchronized (this) {
            left = new ArrayList<>(shards.keySet());
        }
        left.forEach(this::closed);
        pool.close();
    }
}
