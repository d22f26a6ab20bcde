package org.holdfast.lab.sim;

import java.util.ArrayList;
import java.util.List;

/// Clients of all nodes: each envelope is made once and given to a node that runs; one that was refused for good may be
/// given again.
final class Clients {
    private static final int AGAIN_PERMILLE = 300;
    private static final int BURST_MAX = 6;
    private static final int LARGE_BYTES = 1 << 20;

    private final Scene scene;
    private final Dice dice;
    private int toMake;

    Clients(Scene scene) {
        this.scene = scene;
        this.dice = scene.dice().fork();
        this.toMake = scene.plan().load().envelopes();
    }

    /// Spreads the load over its span.
    void begin() {
        next();
    }

    private void next() {
        if (toMake <= 0) {
            return;
        }
        long gap = scene.plan().load().span() * 4 / scene.plan().load().envelopes();
        Timeline.Event _ = scene.time().after(dice.between(0, gap), "client", () -> {
            burst();
            next();
        });
    }

    private void burst() {
        SimNode node = somebody();
        int count = Math.min(toMake, 1 + dice.below(BURST_MAX));
        for (int i = 0; i < count; i++) {
            toMake--;
            if (node.runs()) {
                offer(node, make());
            }
        }
        again();
    }

    /// Clients go to the next node when theirs does not run.
    private SimNode somebody() {
        int first = dice.below(scene.plan().members());
        for (int i = 0; i < scene.plan().members(); i++) {
            SimNode node = scene.node((first + i) % scene.plan().members());
            if (node.runs()) {
                return node;
            }
        }
        return scene.node(first);
    }

    private Sent make() {
        Plan.Load load = scene.plan().load();
        boolean forged = dice.permille(load.forged());
        int bytes = dice.permille(load.large())
                ? LARGE_BYTES + dice.below(LARGE_BYTES + LARGE_BYTES / 2)
                : dice.below(load.bytesMax() + 1);
        String name = "e" + scene.sent().size();
        Sent made = new Sent(name, Charter.one().envelope(name, bytes, forged), forged);
        scene.made(made);
        return made;
    }

    private void offer(SimNode node, Sent one) {
        scene.time().note("%s is offered %s", node, one.name());
        node.offer(one);
    }

    private void again() {
        List<Sent> refused = new ArrayList<>();
        for (Sent one : scene.sent()) {
            if (one.fate() == Sent.Fate.REFUSED && !one.forged()) {
                refused.add(one);
            }
        }
        SimNode node = somebody();
        if (!refused.isEmpty() && node.runs() && dice.permille(AGAIN_PERMILLE)) {
            offer(node, refused.get(dice.below(refused.size())));
        }
    }
}
