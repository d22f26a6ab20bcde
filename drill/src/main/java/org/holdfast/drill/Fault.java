package org.holdfast.drill;

/// What a drill does to the nodes.
public enum Fault {
    /// kill -9 of the leader.
    KILL_LEADER,
    /// SIGSTOP of all followers, then kill -9 of the leader, which had no quorum for what it took meanwhile.
    KILL_STALLED_LEADER,
    /// kill -9 of the followers in turn.
    KILL_FOLLOWER,
    /// kill -9 of all nodes at once, then all start again.
    KILL_ALL,
    /// SIGSTOP of the leader for longer than an election takes, then SIGCONT.
    PAUSE_LEADER,
    /// SIGSTOP of a follower, then SIGCONT.
    PAUSE_FOLLOWER,
    /// A follower is killed and loses bytes at the end of its newest block file before it starts again.
    CUT_BLOCKS,
    /// The leader is asked to hand leadership on.
    TRANSFER
}
