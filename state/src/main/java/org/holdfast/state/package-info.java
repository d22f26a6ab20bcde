/// # state: the typed keys and values that a shard's commands have made
///
/// What it is: a deterministic state machine on RocksDB. It takes the committed commands of one channel, block by
/// block, answers each as Redis 7 would, and can prove what it holds by a digest.
///
/// Door: [org.holdfast.state.ShardState] (apply, read, digest, checkpoint). [org.holdfast.state.CommandTable] knows all
/// commands and turns words into a [org.holdfast.state.Parsed] one; [org.holdfast.state.Reply] is what they answer.
///
/// Owner thread: whoever reads the channel's feed applies, alone. Reads come from any thread, over a snapshot.
///
/// Flow: words → `CommandTable.parse` (everything that can be judged without the state is judged here, before anything
/// is proposed) → ordered → `apply`: expired keys go, each group runs over an [org.holdfast.state.Overlay], the digest
/// follows what changed, and one write takes changes, cursor and digest to the store.
///
/// To add commands of a type: a class with a `register` that names its parsers (called in `CommandTable`), and a record
/// for each command that is an `Operation.Reading` or an `Operation.Writing`. Collections keep their members under the
/// entry's generation ([org.holdfast.state.Editor]); expiry, versions, digest, renaming and dropping come by
/// themselves.
///
/// ## What lies where
/// The first byte of a record's name says what it is; numbers are big-endian, so that order of bytes is order of
/// numbers. Each kind of record has its version inside.
///
/// | name | value |
/// |---|---|
/// | `00` | header: magic `HFST`, version 1, digest kept or not, cursor (block), record time, next generation, keys |
/// | `01` | the total of the digest, 2048 bytes |
/// | `02` block | the digest after that block, 32 bytes |
/// | `03` hash | a receipt: version 1, hash of the commands, record time, block, number, reply ([Receipts]) |
/// | `04` number | version 1, record time, where that receipt lies |
/// | `05` | version 1, the oldest receipt's number, the next one's |
/// | `10` key | entry: version 1, type, form, expiry, time and block of the last change, then see `Entry` |
/// | `11` slot key | nothing; the slot is 48 bits of the key's SHA-256: the order of SCAN, and where RANDOMKEY looks |
/// | `12` expiry key | nothing; what expires, in order of time |
/// | `20` generation part name | a member; part 0 is the sum of all, parts from 128 on are derived |
///
/// A receipt's name is the SHA-256 of its user, behind the user's length in four bytes, and its id.
///
/// Where a list's elements lie is told by [org.holdfast.state.Places]. A string of more than 32 KiB has chunks as
/// members: part 1, the chunk's number in four bytes ([org.holdfast.state.Texts]). Fields of hashes and members of sets
/// and sorted sets are part 1, by slot ([org.holdfast.state.Slotted]); a sorted set's order is part 128, counts over it
/// are the parts behind ([org.holdfast.state.Ranking]).
///
/// Invariants: applying depends on the batch and the state before it, on nothing else. What was parsed cannot fail in
/// apply; a reply that is a failure has changed nothing. A batch is applied once, wholly or not at all. An expired key
/// is absent from the millisecond it names on, and is removed in apply, a bounded number per batch, in order of expiry.
/// A member changes together with its key's entry. Deleting and renaming cost the same for every size.
///
/// Not here: who may do what (the door), how commands become blocks (order, node), which shard a key belongs to
/// (placement).
@NullMarked
package org.holdfast.state;

import org.jspecify.annotations.NullMarked;
