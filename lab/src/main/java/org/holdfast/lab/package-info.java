/// # lab: where the house is judged
///
/// What it is: the architecture law, tests on real node processes, the simulator, the fuzzer.
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
