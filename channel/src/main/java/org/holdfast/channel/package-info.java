/// # channel: what a channel's members agreed on
///
/// What it is: the configuration of one channel as its config blocks carry it, its policies, the rules by which an
/// envelope or a
/// reader is admitted, the rules by which one config becomes the next, and the making of a first one.
///
/// Door: [org.holdfast.channel.ChannelConfig], [org.holdfast.channel.Admission],
/// [org.holdfast.channel.BlockSignatures],
/// [org.holdfast.channel.Genesis], [org.holdfast.channel.ConfigUpdates], [org.holdfast.channel.FeatureLevel]; for
/// people and tools [org.holdfast.channel.ConfigJson], [org.holdfast.channel.ConfigDocument],
/// [org.holdfast.channel.ConfigDifference].
///
/// Owner thread: none. A config is immutable; who holds the current one swaps the reference when a config block
/// commits.
///
/// Flow: config block -> tree -> faults, or ChannelConfig -> policy by path + signed messages -> PolicyVerdict.
/// Config update -> read set against the tree -> delta -> mod_policies -> new tree -> rules of the whole ->
/// ConfigProposal.
///
/// Invariants: received bytes are never encoded again; an identity counts once per policy and satisfies one leaf; what
/// cannot be
/// understood satisfies nothing.
///
/// Not here: certificates and chains (identity), ordering (order), files (ledger).
@NullMarked
package org.holdfast.channel;

import org.jspecify.annotations.NullMarked;
