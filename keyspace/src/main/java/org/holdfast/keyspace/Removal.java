package org.holdfast.keyspace;

import java.util.Optional;

/// Keys of a table that an operator wants removed, or counted ([Keyspaces#remove]).
///
/// @param keyspace its name
/// @param table its name: letters, digits and underscores
/// @param from the first key, without keyspace and table
/// @param to the key before which it ends; nothing: the table's end
/// @param dry whether to count only
public record Removal(String keyspace, String table, byte[] from, byte[] to, boolean dry) {
    /// What has been done. What was removed stays removed; the same again goes on with the rest.
    ///
    /// @param keys removed, or counted; with a problem, at least so many
    /// @param complete whether that was all; otherwise the time was up, or see the problem
    /// @param problem what ended it
    public record Done(long keys, boolean complete, Optional<String> problem) {}
}
