package org.holdfast.node;

import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.holdfast.env.Chance;
import org.holdfast.env.Clock;
import org.holdfast.env.Disk;
import org.holdfast.env.Loop;
import org.holdfast.env.Pool;
import org.holdfast.env.World;

/// This machine, with a wall clock that can be set.
final class JumpingWorld implements World {
    private final World real = World.real();
    private final AtomicLong ahead = new AtomicLong();

    /// Lets the wall clock go on from a time.
    void jumpTo(long wallMillis) {
        ahead.set(wallMillis - real.clock().wallMillis());
    }

    @Override
    public Clock clock() {
        return new Clock() {
            @Override
            public long wallMillis() {
                return real.clock().wallMillis() + ahead.get();
            }

            @Override
            public long nanos() {
                return real.clock().nanos();
            }
        };
    }

    @Override
    public Chance chance() {
        return real.chance();
    }

    @Override
    public Disk disk() {
        return real.disk();
    }

    @Override
    public Loop loop(String name, int limit, Consumer<Throwable> onFault) {
        return real.loop(name, limit, onFault);
    }

    @Override
    public Pool pool(String name, int threads, int limit) {
        return real.pool(name, threads, limit);
    }

    @Override
    public Thread start(String name, Runnable work) {
        return real.start(name, work);
    }

    @Override
    public Runnable atShutdown(String name, Runnable work) {
        return real.atShutdown(name, work);
    }

    @Override
    public OutputStream standardOutput() {
        return real.standardOutput();
    }
}
