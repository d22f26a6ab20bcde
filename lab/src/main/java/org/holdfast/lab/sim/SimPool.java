package org.holdfast.lab.sim;

import org.holdfast.env.Pool;

/// A pool whose tasks are events, in any order.
final class SimPool implements Pool {
    private final Host host;
    private final int limit;
    private final Dice dice;
    private int waiting;
    private boolean closed;

    SimPool(Host host, int limit, Dice dice) {
        this.host = host;
        this.limit = limit;
        this.dice = dice;
    }

    @Override
    public boolean submit(Runnable task) {
        if (closed || host.isDead() || waiting >= limit) {
            return false;
        }
        waiting++;
        Timeline.Event _ = host.after(dice.between(Timeline.MICRO, 150 * Timeline.MICRO), "pool", () -> {
            waiting--;
            if (!closed) {
                task.run();
            }
        });
        return true;
    }

    @Override
    public int depth() {
        return waiting;
    }

    @Override
    public void close() {
        closed = true;
    }
}
