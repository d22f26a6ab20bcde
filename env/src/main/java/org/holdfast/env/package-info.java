/// # env: the ground every room stands on
///
/// What it is: clock, chance, disk, owner loops, framed files and the figures a process counts, each behind a small
/// interface so that a room can be run on the real world or on a simulated one.
///
/// Door: [org.holdfast.env.World], handed to a room by its constructor.
///
/// Owner thread: nothing here keeps state of its own beyond one open file or one loop; whoever holds it owns it.
/// Figures ([org.holdfast.env.Metrics]) belong to the world and are counted from any thread.
///
/// Invariants: every failure of the disk is a [org.holdfast.env.DiskFault] that names the path; a framed file is either
/// read back whole or reported as corrupt, too old or too new; a loop never grows past its limit.
///
/// Not here: formats of other rooms, networking, logging set-up, the form in which figures leave the process.
@NullMarked
package org.holdfast.env;

import org.jspecify.annotations.NullMarked;
