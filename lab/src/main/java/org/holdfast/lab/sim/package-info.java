/// # lab.sim: everything above the log, in virtual time
///
/// What it is: nodes made of the real orderer and the real ledger, on simulated disks, over a simulated replicated log
/// that does whatever its contract allows. One seed decides everything that happens; the same seed does it again.
///
/// Door: [Schedule] (one seed), [SimMain] (many, or one with its trace).
///
/// Owner thread: a schedule runs on its caller's thread and shares nothing with another one but [Charter]. What runs on
/// threads of its own in a real node is an event here ([Timeline], [Host]).
///
/// Flow: seed → [Plan] → [Scene] (nodes, log, clients, rules) → [Mischief] breaks things → calm → last checks →
/// outcome.
///
/// Real: gate, cutter, resume, catch-up, leader's duties, checkpoints, block writer, ledger with its recovery and its
/// index, feed, admission, config. Simulated: time, threads, disk, RocksDB under the index ([SimStore]), the engine
/// ([SimLog]), links ([SimPeers]), signatures ([StandIn]: a checksum in the form of a signature).
///
/// Invariants: no real time, no thread, no file; no iteration order of hashed collections decides anything.
///
/// Not here: Ratis, Kafka, gRPC, real disks and processes (lab.drill and the rooms' own tests), taking a seat, config
/// updates.
@NullMarked
package org.holdfast.lab.sim;

import org.jspecify.annotations.NullMarked;
