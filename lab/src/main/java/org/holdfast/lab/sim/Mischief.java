package org.holdfast.lab.sim;

import java.util.List;

/// Faults, one after the other, until it is told to stop; everything it broke is whole again then.
final class Mischief {
    private static final long DOWN_MAX = 150 * Timeline.MILLI;
    private static final int CALLS_MAX = 60;
    private static final List<Fault> ALL = List.of(Fault.values());
    private static final int CLOCK_MAX = 5_000;

    private final Scene scene;
    private final Dice dice;
    private final Plan.Faults faults;
    private boolean over;

    Mischief(Scene scene) {
        this.scene = scene;
        this.dice = scene.dice().fork();
        this.faults = scene.plan().faults();
    }

    void begin() {
        scene.nodes().forEach(node -> node.startIn(dice.between(0, 3 * Timeline.MILLI)));
        watch();
        if (faults.gap() > 0) {
            next();
        }
    }

    /// Nothing breaks any more, everything is mended.
    void end() {
        over = true;
        scene.calm();
        for (SimNode node : scene.nodes()) {
            node.disk().full(false);
            node.disk().crashIn(-1);
            mend(node.number());
            node.startIn(dice.between(0, 10 * Timeline.MILLI));
        }
    }

    /// An engine elects a leader when there is none, and starts again what fell over.
    private void watch() {
        Timeline.Event _ = scene.time().after(dice.between(2, 25) * Timeline.MILLI, "watch", () -> {
            SimLog log = scene.log();
            boolean led = log.leader() >= 0 && log.hears(log.leader());
            if (!led && (over || dice.coin())) {
                log.electSomebody();
            }
            for (SimNode node : scene.nodes()) {
                if (over || dice.permille(400)) {
                    node.startIn(dice.between(0, 5 * Timeline.MILLI));
                }
            }
            watch();
        });
    }

    private void next() {
        Timeline.Event _ = scene.time().after(dice.between(0, 2 * faults.gap()), "fault", () -> {
            if (!over) {
                strike(choose(), dice.below(scene.plan().members()));
                next();
            }
        });
    }

    private Fault choose() {
        int sum = 0;
        for (int weight : faults.weights()) {
            sum += weight;
        }
        int at = sum == 0 ? 0 : dice.below(sum);
        for (int i = 0; i < faults.weights().size(); i++) {
            at -= faults.weights().get(i);
            if (at < 0) {
                return ALL.get(i);
            }
        }
        return Fault.ELECTION;
    }

    private void strike(Fault fault, int number) {
        SimNode node = scene.node(number);
        SimLog log = scene.log();
        scene.time().note("%s strikes node %d", fault, number);
        switch (fault) {
            case ELECTION -> log.electSomebody();
            case LEADERLESS -> log.electNobody();
            case POWER -> node.kill(true);
            case KILL -> node.kill(false);
            case POWER_AMID_CALLS -> node.disk().crashIn(1 + dice.below(CALLS_MAX));
            case RESTART -> node.stop();
            case CUT_OFF -> cutOff(number);
            case DISK_FULL -> diskFull(node);
            case CLOCK -> {
                Host host = node.host();
                if (host != null) {
                    host.skew(dice.between(-CLOCK_MAX, CLOCK_MAX));
                }
            }
            case LOG_FAILURE -> logFailure(number);
            case PURGE -> log.purgeAll();
        }
    }

    private void cutOff(int number) {
        LogDoor door = scene.log().door(number);
        if (door != null) {
            door.cutOff(true);
            later(() -> mend(number));
        }
    }

    private void diskFull(SimNode node) {
        node.disk().full(true);
        later(() -> node.disk().full(false));
    }

    private void logFailure(int number) {
        LogDoor door = scene.log().door(number);
        if (door != null) {
            door.fail();
            if (scene.log().leader() == number) {
                scene.log().electNobody();
            }
            later(() -> mend(number));
        }
    }

    private void mend(int number) {
        LogDoor door = scene.log().door(number);
        if (door != null) {
            door.cutOff(false);
            door.recover();
        }
    }

    private void later(Runnable mended) {
        Timeline.Event _ = scene.time().after(dice.between(Timeline.MILLI, DOWN_MAX), "mended", mended);
    }
}
