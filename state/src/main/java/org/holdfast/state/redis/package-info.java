/// # state.redis: the Redis door
///
/// What it is: a port that any Redis client speaks to. It reads requests (RESP2 and RESP3), knows who a client is and
/// what it may, answers what is about the connection by itself, and hands commands on keys to what stands behind it.
///
/// Door: [org.holdfast.state.redis.RedisDoor] with its [org.holdfast.state.redis.DoorSettings], and
/// [org.holdfast.state.redis.Backend], which whoever opens the door brings.
///
/// Owner thread: a session belongs to its connection's event loop (transport's). Replies of the backend come from any
/// thread and are handed over to that loop; what sessions share (the list of sessions, the slow log, the waits) has its
/// own lock or is atomic. Nothing blocks.
///
/// Flow: bytes → words → is there such a command, has it enough words, who is it, may it → queued for EXEC, answered
/// here, or handed on → replies in the order of the requests → bytes.
///
/// Invariants: replies leave in the order in which their requests came; reads and writes of one connection are never in
/// flight beside each other, so a pipeline sees its own writes; what one connection may leave unread, unanswered or
/// untaken is bounded, and so is what all of them may leave unanswered; a blocking pop waits here, never in the ledger,
/// and an element that was popped is given to the client even when its time is over meanwhile.
///
/// Not here: what commands on keys mean (state), how a write becomes a block and where a keyspace's shards are (who
/// brings the backend), users' settings files (node).
@NullMarked
package org.holdfast.state.redis;

import org.jspecify.annotations.NullMarked;
