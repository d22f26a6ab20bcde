package org.holdfast.env;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A loop on a platform thread of its own. One lock guards queue, timers and state; tasks run outside it.
final class ThreadLoop implements Loop {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private final PriorityQueue<Pending> timers = new PriorityQueue<>();
    private final int limit;
    private final Consumer<Throwable> onFault;
    private final Thread thread;
    private long order;
    private boolean closed;

    ThreadLoop(String name, int limit, Consumer<Throwable> onFault) {
        Invariant.check(limit > 0, "loop %s has no room: limit %d", name, limit);
        this.limit = limit;
        this.onFault = onFault;
        this.thread = Thread.ofPlatform().name(name).daemon(true).start(this::run);
    }

    @Override
    public boolean post(Runnable task) {
        lock.lock();
        try {
            if (closed || queue.size() >= limit) {
                return false;
            }
            queue.add(task);
            work.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean postWaiting(Runnable task) {
        Invariant.check(!inLoop(), "a loop cannot wait for itself");
        try {
            lock.lockInterruptibly();
            try {
                while (!closed && queue.size() >= limit) {
                    room.await();
                }
                if (closed) {
                    return false;
                }
                queue.add(task);
                work.signal();
                return true;
            } finally {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        lock.lock();
        try {
            Pending pending = new Pending(System.nanoTime() + delay.toNanos(), order++, task);
            if (!closed) {
                timers.add(pending);
                work.signal();
            }
            return pending;
        } finally {
            lock.unlock();
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a thread is itself and nobody else
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public int depth() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
            room.signalAll();
        } finally {
            lock.unlock();
        }
        if (!inLoop()) {
            joinUninterrupted();
        }
    }

    private void joinUninterrupted() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            for (Runnable task = next(); task != null; task = next()) {
                try {
                    task.run();
                } catch (Throwable fault) { // boundary: the owner decides what a fault means, so all of them reach it
                    onFault.accept(fault);
                }
            }
        } finally {
            // Also when the owner itself failed: whoever posts is told, instead of filling a queue nobody empties.
            refuseFurtherWork();
        }
    }

    private void refuseFurtherWork() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
            timers.clear();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            while (true) {
                Pending due = timers.peek();
                long wait = due == null ? Long.MAX_VALUE : due.at - System.nanoTime();
                if (due != null && wait <= 0 && !closed) {
                    timers.remove();
                    return due.task;
                }
                Runnable task = queue.poll();
                if (task != null) {
                    room.signal();
                    return task;
                }
                if (closed) {
                    return null;
                }
                if (due == null) {
                    work.awaitUninterruptibly();
                } else {
                    awaitNanos(wait);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // next() is the loop: it looks again after every wake-up
    private void awaitNanos(long nanos) {
        try {
            long left = work.awaitNanos(nanos);
            Invariant.check(left <= nanos, "waited %d ns of %d", left, nanos);
        } catch (InterruptedException e) {
            throw Invariant.broken("the owner thread %s was interrupted", thread.getName());
        }
    }

    private final class Pending implements Timer, Comparable<Pending> {
        private final long at;
        private final long sequence;
        private final Runnable task;

        private Pending(long at, long sequence, Runnable task) {
            this.at = at;
            this.sequence = sequence;
            this.task = task;
        }

        @Override
        public void cancel() {
            lock.lock();
            try {
                timers.remove(this);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public int compareTo(Pending other) {
            int byTime = Long.compare(at - other.at, 0);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }
}
