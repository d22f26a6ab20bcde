package org.holdfast.order;

/// Where a linearizable read may be answered: in the state after every block below `height`. Whatever was in a block
/// anywhere before the read point was asked for is below it.
///
/// @param height number of blocks that were cut
/// @param timeMillis the leader's clock, milliseconds since the Unix epoch, never before the last record's time:
/// expiry is judged by it
public record ReadPoint(long height, long timeMillis) {}
