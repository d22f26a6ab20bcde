package org.holdfast.lab.planted.left;

import org.holdfast.lab.planted.right.East;

/// Looks sideways: forbidden.
public final class West {
    public String sideways(East[] east) {
        return east.getClass().getName();
    }
}
