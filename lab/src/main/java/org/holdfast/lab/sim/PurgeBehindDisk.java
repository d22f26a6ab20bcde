package org.holdfast.lab.sim;

import org.holdfast.order.OrderedLog.Position;

/// A member's engine is told to forget only what the member never asks for again, whatever its disk loses.
final class PurgeBehindDisk implements Rule {
    private final Scene scene;

    PurgeBehindDisk(Scene scene) {
        this.scene = scene;
    }

    @Override
    public void resumes(int node, Position after) {
        long forgotten = scene.log().forgotten(node);
        if (after.index() < forgotten) {
            throw Violation.of(
                    PurgeBehindDisk.class,
                    "node %d wants the log from after %d, and let it forget up to %d",
                    node,
                    after.index(),
                    forgotten);
        }
    }
}
