package org.holdfast.state;

import java.util.List;

/// What [CommandTable#parse] makes of a command. Whatever is [Ready] can be committed: applying it may answer with a
/// [Reply.Failure] that depends on the state, and changes nothing then, but it cannot break.
public sealed interface Parsed {
    /// The words make no command; nobody should propose it.
    record Wrong(Reply.Failure reply) implements Parsed {}

    /// Understood.
    record Ready(CommandSpec spec, Command command, Operation operation) implements Parsed {
        /// Whether it may change the state, so that it has to be committed.
        public boolean writes() {
            return operation instanceof Operation.Writing;
        }

        /// Whether it looks keys up that only its elements name ([SortPatterns]): it has to run where all keys are.
        public boolean looksUp() {
            return !SortPatterns.positions(command).isEmpty();
        }

        /// Its keys, in the order of the words.
        public List<byte[]> keys() {
            return spec.keyPositions(command).stream()
                    .map(i -> command.argv().get(i))
                    .toList();
        }
    }
}
