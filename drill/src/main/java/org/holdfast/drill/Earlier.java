package org.holdfast.drill;

import java.io.OutputStream;
import java.util.function.Consumer;
import org.holdfast.env.Chance;
import org.holdfast.env.Clock;
import org.holdfast.env.Disk;
import org.holdfast.env.Loop;
import org.holdfast.env.Pool;
import org.holdfast.env.World;

/// A world whose wall clock is late by a fixed time; everything else is that of another world.
///
/// @param millis how late
record Earlier(World world, long millis) implements World {
    @Override
    public Clock clock() {
        return new Clock() {
            @Override
            public long wallMillis() {
                return world.clock().wallMillis() - millis;
            }

            @Override
            public long nanos() {
                return world.clock().nanos();
            }
        };
    }

    @Override
    public Chance chance() {
        return world.chance();
    }

    @Override
    public Disk disk() {
        return world.disk();
    }

    @Override
    public Loop loop(String name, int limit, Consumer<Throwable> onFault) {
        return world.loop(name, limit, onFault);
    }

    @Override
    public Pool pool(String name, int threads, int limit) {
        return world.pool(name, threads, limit);
    }

    @Override
    public Thread start(String name, Runnable work) {
        return world.start(name, work);
    }

    @Override
    public Runnable atShutdown(String name, Runnable work) {
        return world.atShutdown(name, work);
    }

    @Override
    public OutputStream standardOutput() {
        return world.standardOutput();
    }
}
