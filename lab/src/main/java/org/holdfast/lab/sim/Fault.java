package org.holdfast.lab.sim;

/// What may happen to a node or to all.
enum Fault {
    /// Another leader; the one before hears of it later.
    ELECTION,
    /// No leader for a while.
    LEADERLESS,
    /// The machine of a node loses power.
    POWER,
    /// A node's process is killed; what it wrote stays.
    KILL,
    /// The machine of a node loses power in the middle of some later call to its disk.
    POWER_AMID_CALLS,
    /// A node is stopped and started.
    RESTART,
    /// A node hears nothing of the log.
    CUT_OFF,
    /// A node's disk is full.
    DISK_FULL,
    /// A node's clock jumps.
    CLOCK,
    /// A node's log cannot be written.
    LOG_FAILURE,
    /// The log forgets all that is in somebody's durable blocks.
    PURGE
}
