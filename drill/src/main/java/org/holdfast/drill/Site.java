package org.holdfast.drill;

import java.nio.file.Path;
import org.holdfast.env.World;

/// Where a rehearsal takes place.
///
/// @param mark four hexadecimal digits; in the name of everything that is made of the machine
/// @param directory the rehearsal's own
/// @param nodes how many
record Site(World world, String mark, Path directory, int nodes) {
    /// What names of things made of the machine begin with.
    static final String PREFIX = "hfd";

    /// A name of at most 15 characters, as network devices want it.
    String name(String what) {
        return PREFIX + mark + what;
    }
}
