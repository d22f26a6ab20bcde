package org.holdfast.state;

/// What RocksDB says of a shard's records. Bytes.
///
/// @param filesBytes of the files
/// @param liveBytes estimate of what is left of them without what was overwritten or deleted
/// @param memoryBytes of what is not in files yet
/// @param compactionBytes estimate of what compaction has yet to rewrite
/// @param records estimate of their number: entries, members and indexes
/// @param expiredRemoved keys that batches removed because they had expired, since the state was opened
public record EngineFigures(
        long filesBytes, long liveBytes, long memoryBytes, long compactionBytes, long records, long expiredRemoved) {}
