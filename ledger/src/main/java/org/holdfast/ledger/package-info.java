/// # ledger: a channel's blocks on disk, and everybody who reads them
///
/// What it is: append-only segments of framed blocks, an index (number, header hash, transaction id) that can always be
/// rebuilt from them, and the Feed that serves stored bytes to any number of readers.
///
/// Door: [org.holdfast.ledger.Ledger] (one per channel), read through [org.holdfast.ledger.Feed] and
/// [org.holdfast.ledger.Cursor]; [org.holdfast.ledger.BlockBytes] and [org.holdfast.ledger.BlockView] build and open
/// serialized blocks; [org.holdfast.ledger.LedgerCheck] examines a ledger from outside.
///
/// Owner thread: the channel's owner loop alone calls `append`. A cursor belongs to one reader's thread. `force` may
/// run on any thread. Lookups may come from any thread.
///
/// Flow: append → record into the page cache → index → tail in memory → height is published → cursors wake.
///
/// Invariants: bytes are stored and served exactly as given. Blocks follow each other in number and hash. Nothing at
/// or above the published height is ever served. What a reader gets has passed its checksum. Only a torn tail, or
/// what was never forced, is ever cut, and never without a line in the log.
///
/// Not here: signatures in block metadata (identity, channel), what a block means (state), durability before a force:
/// the ordered log is the durable one.
@NullMarked
package org.holdfast.ledger;

import org.jspecify.annotations.NullMarked;
