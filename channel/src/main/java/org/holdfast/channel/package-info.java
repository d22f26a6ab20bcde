/// # channel: what a channel's members agreed on
///
/// What it is: the configuration of one channel as its config blocks carry it, its policies, the rules by which an
/// envelope or a
/// reader is admitted, and the making of a first config.
///
/// Door: [org.holdfast.channel.ChannelConfig], [org.holdfast.channel.Admission],
/// [org.holdfast.channel.BlockSignatures],
/// [org.holdfast.channel.Genesis].
///
/// Owner thread: none. A config is immutable; who holds the current one swaps the reference when a config block
/// commits.
///
/// Flow: config block -> tree -> faults, or ChannelConfig -> policy by path + signed messages -> PolicyVerdict.
///
/// Invariants: received bytes are never encoded again; an identity counts once per policy and satisfies one leaf; what
/// cannot be
/// understood satisfies nothing.
///
/// Not here: certificates and chains (identity), ordering (order), files (ledger).
@NullMarked
package org.holdfast.channel;

import org.jspecify.annotations.NullMarked;
