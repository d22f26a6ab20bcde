/// # cli: the operator's command
///
/// What it is: `holdfast <verb>`, which starts, watches, uses and examines a network of nodes.
///
/// Door: [org.holdfast.cli.Main], started by the script `holdfast`.
///
/// Owner thread: the main thread; it holds no state beyond one command.
///
/// Invariants: every error says what to do; exit codes are 0 done, 1 refused or failed, 2 wrong usage.
///
/// Not here: anything a node decides (node), formats (wire, ledger).
@NullMarked
package org.holdfast.cli;

import org.jspecify.annotations.NullMarked;
