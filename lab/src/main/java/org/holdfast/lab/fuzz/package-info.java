/// # lab.fuzz: hostile input for every decoder that faces the network
///
/// What it is: a program that takes recorded messages apart without knowing their schema (protobuf fields, DER
/// elements, PEM blocks, each within the other), changes a part, puts them together again with right lengths, and
/// hands them to a decoder's fuzz test (a method with `@FuzzTest` and one byte array in the room's own tests).
///
/// Door: [FuzzMain], started by `.build/fuzz`.
///
/// Owner thread: the main thread; a watch on a thread of its own ends the process when an input does not return.
///
/// Flow: seeds → pick one → take apart → change → put together → the fuzz test → an exception it does not expect, a
/// slow or a greedy input is a finding, kept as a file.
///
/// Invariants: the same seed number and the same seeds give the same inputs. Findings are told apart by their exception
/// and the code that threw it, and kept once each.
///
/// Not here: what a decoder must hold (the rooms' fuzz tests), and coverage-guided search (Jazzer runs the same tests).
@NullMarked
package org.holdfast.lab.fuzz;

import org.jspecify.annotations.NullMarked;
