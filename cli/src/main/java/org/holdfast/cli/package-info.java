/// # cli: the operator's command
///
/// What it is: `holdfast`, which makes a network of nodes in one directory, starts and stops its processes, shows how
/// they are, submits lines to a channel and reads them back, and examines a ledger's files. For real hosts it judges a
/// plan, makes a directory per node and client, and runs one node from its directory.
///
/// Door: [org.holdfast.cli.Main]. Everything else is package-private; other programs use the command's JSON output.
///
/// Owner thread: one command runs on the main thread. Nodes are other processes: they are asked through their control
/// sockets and never share memory with a command. [org.holdfast.cli.Supervision] and [org.holdfast.cli.Submission] name
/// the threads beside it.
///
/// Flow: arguments → command → network directory (network.json) → node processes and control sockets → text or
/// JSON.
///
/// For real hosts: network.yaml → Blueprint → PlanCheck → NetworkWriter → directories, each with a network.json of its
/// own; a node whose entry has no settings file runs elsewhere and is only talked to.
///
/// A channel's config: newest block of any node → LiveConfig → ConfigDocument, edited → ConfigUpdates.compute →
/// UpdateRun (signatures, judgement, Broadcast) → InForce, node by node.
///
/// Invariants: network.json exists only when everything it names exists, so an interrupted first run is done again or
/// finished. A process is signalled only when its command line shows that it is the node meant. A line is called
/// durable only after an orderer has acknowledged it. Nothing is deleted that this room did not make.
///
/// Not here: what a node does (node), the formats of keys, genesis blocks and ledgers (identity, channel, ledger).
@NullMarked
package org.holdfast.cli;

import org.jspecify.annotations.NullMarked;
