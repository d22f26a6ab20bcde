/// # node: the front hall
///
/// What it is: the server process. Reads the settings, takes the data directory, starts the engine, opens every
/// channel and stands at the doors: gRPC for clients and members, HTTP for operations, a local socket for the
/// operator.
///
/// Door: [org.holdfast.node.NodeMain], the only `main` of the server.
///
/// Owner thread: `Channels` guards its map with a lock; a channel's own state belongs to its loop. Every request at a
/// door has a virtual thread. What is logged belongs to the process; it changes under `LogControl`'s lock.
///
/// Flow: settings → lock on the data directory → identity and engine → channels on disk → doors open. Stopping goes the
/// other way round.
///
/// Invariants: two processes never share a data directory; a member id is never used again after its log was lost; a
/// channel that cannot be opened does not keep the others from serving.
///
/// Not here: what the doors carry (transport), how a channel orders (order), the operator's commands (cli).
@NullMarked
package org.holdfast.node;

import org.jspecify.annotations.NullMarked;
