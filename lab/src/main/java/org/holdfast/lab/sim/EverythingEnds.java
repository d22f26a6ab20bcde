package org.holdfast.lab.sim;

import java.util.ArrayList;
import java.util.List;

/// Once nothing goes wrong any more, every envelope gets its answer, every record gets to every node, and everything
/// that was ordered stands in a block everywhere.
final class EverythingEnds {
    private EverythingEnds() {}

    static boolean holds(Scene scene) {
        for (Sent one : scene.sent()) {
            if (one.fate() == Sent.Fate.OPEN) {
                return false;
            }
        }
        long height = scene.node(0).height();
        for (SimNode node : scene.nodes()) {
            LogDoor door = scene.log().door(node.number());
            if (door == null
                    || !node.runs()
                    || node.height() != height
                    || door.read() < scene.log().items().size()
                    || node.hasProblem()) {
                return false;
            }
        }
        return scene.inBlocks() == scene.script().lines().size();
    }

    static String unfinished(Scene scene) {
        List<String> left = new ArrayList<>();
        for (Sent one : scene.sent()) {
            if (one.fate() == Sent.Fate.OPEN) {
                left.add(one.toString());
            }
        }
        for (SimNode node : scene.nodes()) {
            LogDoor door = scene.log().door(node.number());
            left.add("%s: height %d, %s, read %d of %d"
                    .formatted(
                            node,
                            node.height(),
                            node.runs() ? node.orderer().status() : "down",
                            door == null ? -1 : door.read(),
                            scene.log().items().size()));
        }
        left.add("%d of %d envelopes in blocks"
                .formatted(scene.inBlocks(), scene.script().lines().size()));
        return String.join("; ", left);
    }
}
