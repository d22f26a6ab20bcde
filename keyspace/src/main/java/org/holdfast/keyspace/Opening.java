package org.holdfast.keyspace;

import java.io.IOException;
import java.nio.file.Path;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.state.ShardState;
import org.holdfast.state.StateUnusable;
import org.holdfast.wire.Decode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens a shard's state. Blocks or another member hold everything: what cannot be used is put aside, and made again.
///
/// Owner: the shard's loop.
final class Opening {
    /// Failures to open the state, after which it is made again.
    private static final int TRIES = 5;

    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private final World world;
    private final ShardName name;
    private final StateDirs dirs;
    private boolean sweep;
    private int failures;

    /// @param sweep whether nobody of this process can be at work beside the state
    Opening(World world, ShardName name, StateDirs dirs, boolean sweep) {
        this.sweep = sweep;
        this.world = world;
        this.name = name;
        this.dirs = dirs;
    }

    /// How an attempt ended.
    sealed interface Outcome {
        record Open(ShardState state) implements Outcome {}

        /// It may go better a little later.
        record Again(@Nullable String why) implements Outcome {}

        /// An operator is needed.
        record Never(@Nullable String why) implements Outcome {}
    }

    Outcome once() {
        try {
            if (sweep) {
                dirs.sweep();
                sweep = false;
            }
            dirs.settle();
            return new Outcome.Open(ShardState.open(world, dirs.state(), new ShardState.Options(name.digest())));
        } catch (StateUnusable e) {
            if (e.verdict() == StateUnusable.Verdict.TOO_NEW) {
                LOG.error("channel={}: {}: upgrade this node", name.channel(), e.getMessage());
                return new Outcome.Never(e.getMessage() + ": upgrade this node");
            }
            return putAside(Decode.reason(e));
        } catch (IOException e) {
            // The disk may be at fault, or a file missing: what does not open for a while is made again, once.
            return ++failures == TRIES ? putAside(Decode.reason(e)) : new Outcome.Again(Decode.reason(e));
        } catch (DiskFault e) {
            return new Outcome.Again(Decode.reason(e));
        }
    }

    private Outcome putAside(String why) {
        Path aside = dirs.broken(world.clock().wallMillis());
        LOG.error("channel={}: {}: it is moved to {} and made again", name.channel(), why, aside);
        try {
            world.disk().move(dirs.state(), aside);
        } catch (DiskFault e) {
            return new Outcome.Again(Decode.reason(e));
        }
        return new Outcome.Again(why);
    }
}
