/// # wire: the words nodes, clients and files speak
///
/// What it is: ids, refusal codes, the block header's bytes and hashes, read-only views over received envelopes, and
/// the message schemas (`src/main/protobuf`).
///
/// Door: the types themselves; they hold no state.
///
/// Owner thread: none, everything is immutable.
///
/// Invariants: bytes that were received are never encoded again; a view points into them. A refusal's code is never
/// renumbered (docs/refusals.md).
///
/// Not here: signatures and certificates (identity), what a channel's config means (channel), files (ledger).
@NullMarked
package org.holdfast.wire;

import org.jspecify.annotations.NullMarked;
