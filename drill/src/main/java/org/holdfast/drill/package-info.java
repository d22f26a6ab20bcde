/// # drill: real nodes, real faults, every promise counted
///
/// What it is: a sandbox of node processes on this machine, a load of signed envelopes, a schedule of faults, and a
/// judge that compares the ledgers with what the clients were told.
///
/// Door: [Sandbox] (nodes to break), [FaultDrill] (the schedule and its verdict), [FaultDrillMain] (the long form).
///
/// Owner thread: the thread that runs a drill or a test owns the sandbox; each client of the load has a virtual thread
/// of its own; a node's answers come on the network's callbacks and touch one [Sent] each.
///
/// Flow: create → start → join → load and faults → load ends → all nodes healthy and equally high → clean stop → judge.
///
/// Invariants: a node process never outlives the process that started it ([Tether]); an envelope id is sent once, so
/// whatever stands twice in a ledger was applied twice by the nodes.
///
/// Not here: what nodes are made of, and switches in them that would only serve a drill.
@NullMarked
package org.holdfast.drill;

import org.jspecify.annotations.NullMarked;
