package org.holdfast.keyspace;

import java.util.List;
import java.util.Optional;
import org.holdfast.state.EngineFigures;

/// What a shard has counted on this node since it was opened.
///
/// @param report how it stands
/// @param applied commands that write: their sizes as the log has them, and how long applying the block took that they
///     were in; of every node's clients
/// @param answered writing requests of this node's clients: their sizes on the wire, and the time from the door to the
///     reply; failed ones, too
/// @param engine what RocksDB says; empty while the state is not open
/// @param countsHotKeys whether keys are counted
/// @param hot the keys written most while they were counted, the most written one first
public record ShardStats(
        ShardReport report,
        Bins.Reading applied,
        Bins.Reading answered,
        Optional<EngineFigures> engine,
        boolean countsHotKeys,
        List<HotKey> hot) {
    /// How many keys are told.
    static final int HOT_MAX = 100;

    /// A key that is written often.
    ///
    /// @param key its full name
    /// @param count how often, too high by `error` at most
    public record HotKey(byte[] key, long count, long error) {}
}
