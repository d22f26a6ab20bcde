package org.holdfast.keyspace;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.env.Pool;

/// Runs tasks on a pool one after the other, in the order in which they came. Any thread.
final class Lane {
    /// Tasks that one turn on the pool runs, before others get theirs.
    private static final int TURN = 256;

    private final Pool pool;
    private final ConcurrentLinkedQueue<Task> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean running = new AtomicBoolean();

    Lane(Pool pool) {
        this.pool = pool;
    }

    /// Something to be run, or to be told that it is not.
    interface Task {
        void run();

        /// The pool does not take it: it is full, or closed.
        void refused();
    }

    void add(Task task) {
        tasks.add(task);
        go();
    }

    private void go() {
        if (running.compareAndSet(false, true) && !pool.submit(this::turn)) {
            for (Task task = tasks.poll(); task != null; task = tasks.poll()) {
                task.refused();
            }
            running.set(false);
            if (!tasks.isEmpty()) { // came meanwhile, and found it running
                go();
            }
        }
    }

    private void turn() {
        try {
            Task task = tasks.poll();
            for (int i = 1; task != null; i++) {
                task.run();
                task = i < TURN ? tasks.poll() : null;
            }
        } finally {
            running.set(false);
            if (!tasks.isEmpty()) {
                go();
            }
        }
    }
}
