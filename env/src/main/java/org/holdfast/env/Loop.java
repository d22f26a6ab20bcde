package org.holdfast.env;

import java.time.Duration;

/// One owner's thread of work: tasks run one at a time, in the order they were posted. All state of the owner is
/// touched only from here. A task never blocks.
public interface Loop extends AutoCloseable {
    /// Adds a task to the end of the queue.
    ///
    /// @return false when the queue is full or the loop is closed; the task will not run then
    boolean post(Runnable task);

    /// Like [#post], but waits for room; for producers that must be slowed down instead of refused. Never called on the
    /// loop.
    ///
    /// @return false when the loop was closed or the caller interrupted
    boolean postWaiting(Runnable task);

    /// Runs a task on the loop after a delay. Timers do not count against the queue's limit; an owner arms a bounded
    /// few.
    Timer after(Duration delay, Runnable task);

    /// Whether the caller runs on this loop.
    boolean inLoop();

    /// Tasks waiting now.
    int depth();

    /// Runs what is queued, then ends. Timers are dropped. Returns when the loop has ended (at once when called on the
    /// loop).
    @Override
    void close();

    /// A task to come.
    interface Timer {
        /// Drops the task if it has not started. Idempotent.
        void cancel();
    }
}
