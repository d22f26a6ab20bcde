package org.holdfast.lab.sim;

import org.holdfast.channel.ChannelConfig;

/// Admins of the channel, who change limits of its blocks now and then. An update is made from the config that its node
/// has in force; by the time it is ordered another may be.
final class Admins {
    private static final long OWN = 0xad;
    private static final int BOTH_PERMILLE = 300;

    private final Scene scene;
    private final Dice dice;
    private int toMake;

    Admins(Scene scene) {
        this.scene = scene;
        // Not a fork: whether there are any changes nothing else.
        this.dice = new Dice(scene.plan().seed() ^ OWN);
        this.toMake = scene.plan().load().updates();
    }

    void begin() {
        if (toMake > 0) {
            next(scene.plan().load().span() * 2 / toMake);
        }
    }

    private void next(long gap) {
        Timeline.Event _ = scene.time().after(dice.between(0, gap), "admin", () -> {
            toMake--;
            change(scene.node(dice.below(scene.plan().members())));
            if (dice.permille(BOTH_PERMILLE)) {
                change(scene.node(dice.below(scene.plan().members())));
            }
            if (toMake > 0) {
                next(gap);
            }
        });
    }

    private void change(SimNode node) {
        if (!node.runs()) {
            return;
        }
        ChannelConfig from = node.orderer().config();
        String name = "c" + scene.sent().size();
        int chosen = dice.one(1, 2, 3, 5, 10, 50);
        int messages = chosen == from.batchSize().maxMessages() ? chosen + 1 : chosen;
        int preferred = dice.one(1_600, 4_000, 20_000, 2 << 20);
        Sent made = new Sent(name, Charter.one().update(name, from, messages, preferred), false);
        scene.made(made);
        scene.time().note("%s is offered %s: %d messages, %d bytes", node, name, messages, preferred);
        node.offer(made);
    }
}
