package org.holdfast.lab.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.holdfast.env.Invariant;
import org.holdfast.env.Loop;

/// An owner loop whose turns are events.
final class SimLoop implements Loop {
    private static final int TASKS_PER_TURN = 4;

    private final Host host;
    private final int limit;
    private final Consumer<Throwable> onFault;
    private final Dice dice;
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private boolean turnComes;
    private boolean running;
    private boolean closed;

    SimLoop(Host host, int limit, Consumer<Throwable> onFault, Dice dice) {
        this.host = host;
        this.limit = limit;
        this.onFault = onFault;
        this.dice = dice;
    }

    @Override
    public boolean post(Runnable task) {
        if (closed || host.isDead() || queue.size() >= limit) {
            return false;
        }
        queue.add(task);
        turnSoon();
        return true;
    }

    /// Who may wait here waits until the task is done; others only until it is queued.
    @Override
    public boolean postWaiting(Runnable task) {
        Invariant.check(!inLoop(), "a loop cannot wait for itself");
        if (!post(task)) {
            return false;
        }
        if (host.mayWait()) {
            host.time().interleave(host, 2);
            while (queue.contains(task)) {
                run(queue.remove());
            }
        }
        return true;
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        long late = dice.between(0, 100 * Timeline.MICRO);
        return host.after(delay.toNanos() + late, "timer", () -> {
            if (!closed) {
                run(task);
            }
        });
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public int depth() {
        return queue.size();
    }

    @Override
    public void close() {
        if (!running) {
            while (!queue.isEmpty()) {
                run(queue.remove());
            }
        }
        closed = true;
    }

    private void turnSoon() {
        if (!turnComes && !queue.isEmpty()) {
            turnComes = true;
            Timeline.Event _ = host.after(dice.between(0, 60 * Timeline.MICRO), "loop", this::turn);
        }
    }

    private void turn() {
        turnComes = false;
        for (int i = dice.below(TASKS_PER_TURN); i >= 0 && !queue.isEmpty() && !closed; i--) {
            run(queue.remove());
        }
        turnSoon();
    }

    private void run(Runnable task) {
        Invariant.check(!running, "a loop runs one task at a time");
        running = true;
        host.looping(1);
        try {
            task.run();
        } catch (ProcessGone | Violation end) {
            throw end;
        } catch (Throwable fault) { // boundary: the owner decides, as on a real loop
            onFault.accept(fault);
        } finally {
            host.looping(-1);
            running = false;
        }
    }
}
