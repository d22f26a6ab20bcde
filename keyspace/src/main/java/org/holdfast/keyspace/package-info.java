/// # keyspace: from a command to a block, and back to its answer
///
/// What it is: the keyspaces of a node. It knows which shard a key lies in, makes blocks of the commands of all
/// connections, applies every block's commands to the shard's state, and answers.
///
/// Door: [org.holdfast.keyspace.Keyspaces] (channels come and go; [org.holdfast.state.redis.Backend] for the Redis
/// doors; reports), [org.holdfast.keyspace.ShardName] (which channels are shards),
/// [org.holdfast.keyspace.CommandEnvelope] (what such a channel's envelopes hold), and
/// [org.holdfast.keyspace.ShardChannel], which whoever has channels brings.
///
/// Owner thread: each shard has a loop: it applies blocks, makes envelopes, and completes the replies of writes. Reads
/// are looked up on a pool, those of a session in order; a lock guards the rounds of read points. Requests come from
/// the doors' event loops and are only queued there.
///
/// Flow of a write: request → key → shard → queue → envelope signed by the node (whatever waits, up to a size) → gate
/// of the channel → block → the shard's loop reads it from the feed → `ShardState.apply` → reply. Of a read: request →
/// shard → read point (one question for all that wait) → the state has come so far → look-up → reply.
///
/// Invariants: a write is answered OK only when it is committed and in this node's state. What cannot be known is
/// answered UNCERTAIN, and is never sent again by itself. What is applied depends on the block alone: which envelopes
/// count, their order, time and chance are the same on every node. A state is behind its ledger, never beside it: it
/// goes on at the block after its own cursor, and where its files cannot be used it is made again from
/// the blocks, or comes from another member whose digest further ones share ([org.holdfast.keyspace.StatePeers]).
/// Requests of one session that are in flight together keep their order within a shard.
///
/// Not here: what commands mean and how they are stored (state), the protocol and who may do what (state.redis), how
/// envelopes become blocks (order), settings and channels (node).
@NullMarked
package org.holdfast.keyspace;

import org.jspecify.annotations.NullMarked;
