package org.holdfast.lab.planted.low;

import org.holdfast.lab.planted.high.Roof;

/// Looks up: forbidden.
public final class Ground {
    public Roof upward() {
        return new Roof();
    }
}
