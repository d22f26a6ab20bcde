/// # drill: real nodes, real faults, every promise counted
///
/// What it is: a sandbox of node processes on this machine, a load of signed envelopes, faults, and a judge that
/// compares the ledgers with what the clients were told. The drills of `holdfast drill` are made of it, and tests.
///
/// Door: [Drills] (which there are), [Rehearsal] (runs one), [Filing] (the report); for tests [Sandbox] (nodes to
/// break), [FaultDrill] (many faults by a schedule; [FaultDrillMain] is its long form) and [ConfigDrill] (changes of
/// the config under load and faults).
///
/// Owner thread: the thread that runs a drill or a test owns the sandbox; each client of the load has a virtual thread
/// of its own; a node's answers come on the network's callbacks and touch one [Sent] each.
///
/// Flow: create → start → join → load and faults → load ends → all nodes healthy and equally high → clean stop → judge.
///
/// Invariants: a node process never outlives the process that started it ([Tether]); what is made of the machine
/// (namespaces, mounts) is taken back when the sandbox closes, however the drill ended, and a killed drill's leftovers
/// are named by the next one ([Lease]); an envelope id is sent once, so whatever stands twice in a ledger was applied
/// twice by the nodes.
///
/// Not here: what nodes are made of, and switches in them that would only serve a drill; networks that exist.
@NullMarked
package org.holdfast.drill;

import org.jspecify.annotations.NullMarked;
