/// # order: from an envelope to a block
///
/// What it is: the orderer of one channel. Gate, records, cutter, block writer, over a replicated log behind the
/// [org.holdfast.order.OrderedLog] seam (`order.raft` is the first engine).
///
/// Door: [org.holdfast.order.Orderer].
///
/// Owner thread: the channel's loop owns the cutter, the flights of the gate, the ledger's tip and the leader's duties.
/// Envelopes are judged on a pool; the engine's threads only post to the loop, and wait when it is behind.
///
/// Flow: `offer` → judged → record → leader's log → committed entry → cutter → block → ledger; the cutter's word on a
/// record settles the gate's answer.
///
/// Invariants: an answer of success rests on a committed record that this node's cutter has taken; the same records
/// give the same headers and data on every node; a record is applied once, in the order its origin wrote it; nothing
/// in the cutter reads a clock.
///
/// Not here: what an envelope may contain (channel), files of blocks (ledger), connections (transport).
@NullMarked
package org.holdfast.order;

import org.jspecify.annotations.NullMarked;
