package org.holdfast.ledger;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// Wakes readers when there may be something new.
final class Signal {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition raised = lock.newCondition();

    void raise() {
        lock.lock();
        try {
            raised.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits until a condition holds, which is looked at whenever the signal is raised.
    ///
    /// @return nanoseconds left, 0 or less when the time is over
    long await(BooleanSupplier holds, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (left > 0 && !holds.getAsBoolean()) {
                left = raised.awaitNanos(left);
            }
            return left;
        } finally {
            lock.unlock();
        }
    }
}
