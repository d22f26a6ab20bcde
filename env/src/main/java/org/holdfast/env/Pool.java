package org.holdfast.env;

/// A few threads for computing (checking signatures, hashing), shared by whoever was handed the pool.
public interface Pool extends AutoCloseable {
    /// Runs a task soon, in no particular order.
    ///
    /// @return false when the pool's queue is full or the pool is closed; the task will not run then
    boolean submit(Runnable task);

    /// Tasks that wait for a thread.
    default int depth() {
        return 0;
    }

    /// Ends the threads; what is queued is dropped.
    @Override
    void close();
}
