package org.holdfast.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.keyspace.Keyspaces;
import org.holdfast.keyspace.ShardReport;
import org.holdfast.state.ShardState;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal.Refused;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rewrites the files of this node's shards without what was deleted, one after the other, when an operator says so.
/// One run at a time; what becomes of a shard does not keep the next from its turn.
///
/// States: idle → running → done or stopped. Disabling refuses new runs and ends a run behind its present shard. The
/// lock guards everything; each run has a virtual thread.
final class Optimizing {
    private static final Logger LOG = LoggerFactory.getLogger(Optimizing.class);

    private final World world;
    private final Keyspaces keyspaces;
    private boolean disabled;
    private Progress progress = Progress.NONE;

    /// What a run is at.
    enum Stage {
        IDLE,
        RUNNING,
        DONE,
        /// It was disabled before it was through.
        STOPPED
    }

    /// How a shard came out.
    ///
    /// @param bytesAfter of its files; as before when it failed
    /// @param problem why it was not optimized
    record Outcome(String shard, long bytesBefore, long bytesAfter, Optional<String> problem) {}

    /// How the latest run stands.
    ///
    /// @param shards how many it is about
    record Progress(Stage stage, int shards, List<Outcome> done) {
        static final Progress NONE = new Progress(Stage.IDLE, 0, List.of());

        Progress {
            done = List.copyOf(done);
        }
    }

    Optimizing(World world, Keyspaces keyspaces) {
        this.world = world;
        this.keyspaces = keyspaces;
    }

    synchronized Progress progress() {
        return progress;
    }

    synchronized boolean disabled() {
        return disabled;
    }

    /// Whether runs may begin; one that is under way ends behind its present shard.
    synchronized void disable(boolean wanted) {
        disabled = wanted;
        LOG.info("Optimizing of shards is {}", wanted ? "disabled" : "enabled");
    }

    /// Begins a run.
    ///
    /// @param keyspace empty = all
    /// @return what it begins with
    synchronized Progress begin(Optional<String> keyspace) {
        if (disabled) {
            throw new Operations.Unanswerable(403, "optimizing is disabled: POST /kv/enable_optimize first");
        }
        if (progress.stage() == Stage.RUNNING) {
            throw new Operations.Unanswerable(409, "a run is under way: see GET /kv/optimize");
        }
        List<ShardReport> shards = keyspaces.reports().stream()
                .filter(shard -> keyspace.isEmpty() || shard.name().keyspace().equals(keyspace.get()))
                .toList();
        if (shards.isEmpty()) {
            throw new Operations.Unanswerable(
                    404,
                    "no shard of " + keyspace.map(name -> "keyspace " + name).orElse("any keyspace") + " is here");
        }
        progress = new Progress(Stage.RUNNING, shards.size(), List.of());
        world.start("optimize", () -> run(shards));
        return progress;
    }

    private void run(List<ShardReport> shards) {
        boolean whole = false;
        try {
            for (ShardReport shard : shards) {
                if (disabled()) {
                    return;
                }
                told(one(shard));
            }
            whole = true;
        } finally {
            ended(whole ? Stage.DONE : Stage.STOPPED);
        }
    }

    private Outcome one(ShardReport shard) {
        String name = KeyspacePages.name(shard.name());
        long before = 0;
        try {
            Optional<ShardState> state = keyspaces.state(shard.channel());
            if (state.isEmpty()) {
                return new Outcome(name, 0, 0, Optional.of("its state is not open"));
            }
            before = state.get().bytesOnDisk();
            boolean done = state.get().optimize();
            long after = done ? state.get().bytesOnDisk() : before;
            LOG.info("channel={}: optimized, {} bytes of files before, {} after", shard.channel(), before, after);
            return new Outcome(
                    name, before, after, done ? Optional.empty() : Optional.of("it was closed in the middle"));
        } catch (DiskFault e) {
            // boundary: told to whoever asks for the progress, and the other shards have their turn
            LOG.error("channel={}: not optimized: {}", shard.channel(), Decode.reason(e));
            return new Outcome(name, before, before, Optional.of(Decode.reason(e)));
        } catch (Refused closed) { // its state is being closed
            return new Outcome(
                    name, before, before, Optional.of(closed.refusal().text()));
        }
    }

    private synchronized void told(Outcome outcome) {
        List<Outcome> done = new ArrayList<>(progress.done());
        done.add(outcome);
        progress = new Progress(progress.stage(), progress.shards(), done);
    }

    private synchronized void ended(Stage stage) {
        progress = new Progress(stage, progress.shards(), progress.done());
    }
}
