package org.holdfast.lab.planted.high;

import org.holdfast.lab.planted.right.East;

/// Looks down: allowed.
public final class Roof {
    public East downward() {
        return new East();
    }
}
