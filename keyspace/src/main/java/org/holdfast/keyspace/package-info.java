/// # keyspace: from a command to a block, and back to its answer
///
/// What it is: the keyspaces of a node. It knows which shard a key lies in, makes blocks of the commands of all
/// connections, applies every block's commands to the shard's state, and answers.
///
/// Door: [org.holdfast.keyspace.ShardName] (which channels are shards).
@NullMarked
package org.holdfast.keyspace;

import org.jspecify.annotations.NullMarked;
