/// # lab: where the house is judged
///
/// What it is: the architecture law, fault drills on real processes, the simulator and the benchmarks.
///
/// Door: none; nothing depends on this room, it is run by `./check`.
///
/// Owner thread: each test its own.
///
/// Invariants: a rule that is judged here has been seen to fail on a planted violation.
///
/// Not here: tests of one room alone, they live in that room.
@NullMarked
package org.holdfast.lab;

import org.jspecify.annotations.NullMarked;
