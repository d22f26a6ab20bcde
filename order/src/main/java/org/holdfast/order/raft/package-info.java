/// The ordered log on Apache Ratis: one Raft group per channel, one Raft server per node, Ratis' own gRPC transport
/// under mutual TLS.
///
/// **Door**: [org.holdfast.order.raft.RaftEngine], with [org.holdfast.order.raft.RaftEngineSettings] and
/// [org.holdfast.order.raft.OpenChannel]. What comes out is an [org.holdfast.order.OrderedLog].
///
/// **Flow**: append → size gate → Ratis (the leader's stamp is put before the record) → committed → the channel's
/// reader, on every member.
///
/// **Threads**. This is the one place where threads of another program call us:
///
/// | Ratis thread | calls | may block |
/// |---|---|---|
/// | `…-StateMachineUpdater`, one per channel | `Reader.entry`, `Reader.members`, completes appends | `entry` only:
/// that slows the channel down |
/// | the caller of `append` | `Stamper` | no |
/// | `…-SegmentedRaftLogWorker` | reports a failed log write to the loop | no |
/// | gRPC executor | listener guard; directory sync before a vote | for that sync |
/// | virtual thread of ours | `Reader.catchUp`, membership, removal, re-adding | yes |
/// | `raft-engine` loop of ours | `Reader.leadership`, `Reader.logFailed`, `Reader.logRecovered`, supervision | no |
///
/// **Owners**: the set of channels and everything supervised belongs to the `raft-engine` loop; a channel's delivered
/// position belongs to whoever holds its delivery lock (the updater, or the thread that catches up).
///
/// **Invariants**
/// - An append fails as a refusal only if the record never reached the leader's log (seen by the state machine's
/// pre-append call, not
///   guessed from the exception's type).
/// - Each record reaches the reader once per process, in order, however often Ratis replays it.
/// - Messages are taken in only for this member's own id and from a peer whose certificate's seat is the sender's.
/// - No vote, own or granted, leaves before the vote file's directory entry is on disk.
/// - TLS sessions are never resumed, so every new connection asks the trust manager.
///
/// **Not here**: cutting blocks, retries of ambiguous appends, who the members should be, fetching blocks.
@NullMarked
package org.holdfast.order.raft;

import org.jspecify.annotations.NullMarked;
