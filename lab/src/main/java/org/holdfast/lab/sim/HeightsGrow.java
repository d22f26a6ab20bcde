package org.holdfast.lab.sim;

/// While a process runs, its height and its durable height only grow, and the durable one is not ahead.
final class HeightsGrow implements Rule {
    private final Scene scene;
    private final long[] heights;
    private final long[] durables;

    HeightsGrow(Scene scene) {
        this.scene = scene;
        heights = new long[scene.plan().members()];
        durables = new long[heights.length];
    }

    @Override
    public void ended(SimNode node) {
        heights[node.number()] = 0;
        durables[node.number()] = 0;
    }

    @Override
    public void step() {
        for (SimNode node : scene.nodes()) {
            int at = node.number();
            long height = node.height();
            long durable = node.durableHeight();
            if (height < heights[at] || durable < durables[at] || durable > height) {
                throw Violation.of(
                        HeightsGrow.class,
                        "%s: height %d after %d, durable %d after %d",
                        node,
                        height,
                        heights[at],
                        durable,
                        durables[at]);
            }
            heights[at] = height;
            durables[at] = durable;
        }
    }
}
